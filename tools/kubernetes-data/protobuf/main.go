// Prints protobuf.tsv: how the Go types of Kubernetes stand in protobuf and in JSON.
//
// Read from the struct tags and not from k8s-pb, because only the Go types tell a pointer from a value: a Go client
// writes every value, zero or not, and what JSON leaves out (`omitempty`) must not come back as an empty string.
//
// One line per message, sorted: name, role, then its fields as `tag:name:type`.
//
//   - The role of a kind is its `apiVersion`, or `*` for options that every group has; most messages have none.
//   - A `choice` is in JSON the value of its first field that is set.
//   - `name` is empty for a struct that JSON inlines; it ends with `?` when JSON leaves the zero value out.
//   - `type` is a scalar or a message, after `[]` for a list, `{}` for a map with string keys.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"reflect"
	"slices"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// What JSON shows as one value, by methods that no struct tag tells of.
var scalars = map[reflect.Type]string{
	reflect.TypeFor[meta.Time]():            "time",
	reflect.TypeFor[meta.MicroTime]():       "micro-time",
	reflect.TypeFor[intstr.IntOrString]():   "int-or-string",
	reflect.TypeFor[runtime.RawExtension](): "json",
	reflect.TypeFor[meta.FieldsV1]():        "json",
	reflect.TypeFor[apiextensions.JSON]():   "json",
}

// The same, for messages; the fields in the order of their preference.
var choices = map[reflect.Type][]string{
	reflect.TypeFor[resource.Quantity](): {"1:string:string"},
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrArray](): {
		"2:schemas:[]apiextensions.v1.JSONSchemaProps", "1:schema:apiextensions.v1.JSONSchemaProps",
	},
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrBool](): {
		"2:schema:apiextensions.v1.JSONSchemaProps", "1:allows:bool",
	},
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrStringArray](): {
		"2:property:[]string", "1:schema:apiextensions.v1.JSONSchemaProps",
	},
}

// What clients send that is no stored object.
var requests = map[string]bool{
	"Binding": true, "DeleteOptions": true, "Eviction": true, "Scale": true,
	"SelfSubjectReview": true, "TokenRequest": true, "TokenReview": true, "LocalSubjectAccessReview": true,
	"SelfSubjectAccessReview": true, "SelfSubjectRulesReview": true, "SubjectAccessReview": true,
}

func main() {
	known := scheme.Scheme
	for _, add := range []func(*runtime.Scheme) error{apiextensions.AddToScheme, apiregistration.AddToScheme} {
		if err := add(known); err != nil {
			log.Fatal(err)
		}
	}
	table := table{}
	for gvk, goType := range known.AllKnownTypes() {
		stable := gvk.Version == "v1" || gvk.Version == "v2"
		object, hasMetadata := goType.FieldByName("ObjectMeta")
		stored := hasMetadata && object.Type == reflect.TypeFor[meta.ObjectMeta]()
		if stable && (stored || requests[gvk.Kind]) {
			role := gvk.GroupVersion().String()
			if gvk.Kind == "DeleteOptions" {
				role = "*"
			}
			table.add(goType).role = role
		}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		message := table[name]
		fmt.Println(strings.Join(append([]string{name, message.role}, message.fields...), "\t"))
	}
}

type message struct {
	role   string
	fields []string
}

type table map[string]*message

// name is the last two folders of the package and the type: `core.v1.Pod`.
func name(goType reflect.Type) string {
	folders := strings.Split(goType.PkgPath(), "/")
	return strings.Join(append(folders[len(folders)-2:], goType.Name()), ".")
}

func (t table) add(goType reflect.Type) *message {
	key := name(goType)
	if known, ok := t[key]; ok {
		return known
	}
	// In the table before its fields are, because types contain themselves.
	added := &message{}
	t[key] = added
	// A list with a name is a message with one field.
	isList := goType.Kind() == reflect.Slice
	fields, isChoice := choices[goType]
	switch {
	case isChoice || isList:
		added.role = "choice"
		added.fields = fields
		if isList {
			added.fields = []string{"1:items:[]" + t.one(goType.Elem())}
		}
	case reflect.PointerTo(goType).Implements(reflect.TypeFor[json.Marshaler]()):
		log.Fatalf("%s writes its JSON itself: say how", key)
	default:
		for index := range goType.NumField() {
			added.fields = append(added.fields, t.field(key, goType.Field(index))...)
		}
	}
	return added
}

func (t table) field(owner string, field reflect.StructField) []string {
	tag, ok := field.Tag.Lookup("protobuf")
	if !ok {
		if field.Type != reflect.TypeFor[meta.TypeMeta]() {
			log.Fatalf("%s.%s has no protobuf tag", owner, field.Name)
		}
		return nil
	}
	number := strings.Split(tag, ",")[1]
	return []string{number + ":" + jsonName(field) + ":" + t.of(field.Type)}
}

func jsonName(field reflect.StructField) string {
	parts := strings.Split(field.Tag.Get("json"), ",")
	zeroIsAbsent := false
	for _, option := range parts[1:] {
		pointer := field.Type.Kind() == reflect.Pointer
		structure := field.Type.Kind() == reflect.Struct
		switch option {
		case "inline":
			return ""
		case "omitempty":
			zeroIsAbsent = zeroIsAbsent || !pointer && !structure
		case "omitzero":
			zeroIsAbsent = zeroIsAbsent || !pointer
		}
	}
	switch {
	case parts[0] == "":
		log.Fatalf("%s has no name", field.Name)
	case zeroIsAbsent:
		return parts[0] + "?"
	}
	return parts[0]
}

func (t table) of(goType reflect.Type) string {
	for goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	own := reflect.PointerTo(goType).Implements(reflect.TypeFor[interface{ Unmarshal([]byte) error }]())
	bytes := goType.Kind() == reflect.Slice && goType.Elem().Kind() == reflect.Uint8
	switch {
	case own || bytes:
		return t.one(goType)
	case goType.Kind() == reflect.Slice:
		return "[]" + t.one(goType.Elem())
	case goType.Kind() == reflect.Map && goType.Key().Kind() == reflect.String:
		return "{}" + t.one(goType.Elem())
	}
	return t.one(goType)
}

func (t table) one(goType reflect.Type) string {
	if scalar, ok := scalars[goType]; ok {
		return scalar
	}
	switch goType.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32, reflect.Int64:
		return "int"
	case reflect.Float64:
		return "double"
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		if goType.Name() == "" {
			log.Fatalf("a list of %s in a list", goType.Elem())
		}
	case reflect.Struct:
	default:
		log.Fatalf("%s is of no known form", goType)
	}
	t.add(goType)
	return name(goType)
}
