// `docker-compose [options] config [options] [service...]` from the reference's own library, for machines
// without Docker Compose: what that command loads and prints, and nothing else of it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

// The first Docker Compose with the library that go.mod names.
const version = "5.7.0"

type list []string

func (l *list) String() string         { return strings.Join(*l, ",") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var files, profiles, envFiles list
	var name, directory string
	options := flag.NewFlagSet("docker-compose", flag.ContinueOnError)
	options.Var(&files, "f", "compose file")
	options.Var(&profiles, "profile", "profile to enable")
	options.Var(&envFiles, "env-file", "file of variables")
	options.StringVar(&name, "p", "", "project name")
	options.StringVar(&directory, "project-directory", "", "project directory")
	allResources := options.Bool("all-resources", false, "also what no service uses")
	if err := options.Parse(args); err != nil {
		return err
	}
	switch options.Arg(0) {
	case "version":
		fmt.Println(version)
		return nil
	case "config":
	default:
		return fmt.Errorf("only `config` is here, not %q", options.Arg(0))
	}
	config := flag.NewFlagSet("config", flag.ContinueOnError)
	format := config.String("format", "yaml", "yaml or json")
	hash := config.String("hash", "", "hashes of services instead, * for all")
	if err := config.Parse(options.Args()[1:]); err != nil {
		return err
	}

	if len(envFiles) == 0 {
		envFiles = strings.FieldsFunc(os.Getenv("COMPOSE_ENV_FILES"), func(c rune) bool { return c == ',' })
	}
	dotenv.RegisterFormat("raw", readRaw)
	if err := setOwnVariables(files, envFiles, directory); err != nil {
		return err
	}
	// The order is that of Docker Compose: `.env` is read before and after the files are looked for.
	project, err := load(config.Args(), files, *allResources,
		cli.WithDefaultProfiles(profiles...),
		cli.WithDiscardEnvFile,
		cli.WithWorkingDirectory(directory),
		cli.WithOsEnv,
		workingDirectoryVariable,
		cli.WithEnvFiles(envFiles...), cli.WithDotEnv,
		cli.WithConfigFileEnv, cli.WithDefaultConfigPath,
		cli.WithEnvFiles(envFiles...), cli.WithDotEnv,
		cli.WithDefaultProfiles(profiles...),
		cli.WithName(name),
	)
	if err != nil {
		return err
	}
	if *hash != "" {
		return printHashes(project, *hash)
	}
	var text []byte
	if *format == "json" {
		text, err = project.MarshalJSON()
	} else {
		text, err = project.MarshalYAML()
	}
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(bytes.ReplaceAll(text, []byte("$"), []byte("$$")))
	return err
}

func load(services []string, files list, allResources bool, options ...cli.ProjectOptionsFn) (*types.Project, error) {
	projectOptions, err := cli.NewProjectOptions(files, options...)
	if err != nil {
		return nil, err
	}
	project, err := projectOptions.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	if project.Name == "" {
		return nil, fmt.Errorf("project name can't be empty")
	}
	if project, err = project.WithServicesEnabled(services...); err != nil {
		return nil, err
	}
	if project, err = project.WithSelectedServices(services); err != nil {
		return nil, err
	}
	if !allResources {
		project = project.WithoutUnnecessaryResources()
	}
	if project, err = project.WithServicesEnvironmentResolved(true); err != nil {
		return nil, err
	}
	return project, project.CheckContainerNameUnicity()
}

// setOwnVariables makes what the files of variables say to Docker Compose itself as good as said by the process.
func setOwnVariables(files, envFiles list, directory string) error {
	options, err := cli.NewProjectOptions(files, cli.WithWorkingDirectory(directory), cli.WithOsEnv,
		cli.WithEnvFiles(envFiles...), cli.WithDotEnv)
	if err != nil {
		return err
	}
	environment := map[string]string{}
	for _, pair := range os.Environ() {
		key, value, _ := strings.Cut(pair, "=")
		environment[key] = value
	}
	variables, err := dotenv.GetEnvFromFile(environment, options.EnvFiles)
	if err != nil {
		return err
	}
	for key, value := range variables {
		if _, set := os.LookupEnv(key); !set && strings.HasPrefix(key, "COMPOSE_") {
			if err := os.Setenv(key, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func workingDirectoryVariable(options *cli.ProjectOptions) error {
	if _, set := os.LookupEnv("PWD"); set {
		return nil
	}
	directory, err := os.Getwd()
	if err != nil {
		return err
	}
	return cli.WithEnv([]string{"PWD=" + directory})(options)
}

// readRaw reads `format: raw`, which is Docker Compose's own and not the library's.
func readRaw(input io.Reader, file string, variables map[string]string, lookup func(string) (string, bool)) error {
	lines := bufio.NewScanner(input)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimLeft(strings.TrimPrefix(lines.Text(), "\ufeff"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, separated := strings.Cut(line, "=")
		if key == "" || strings.ContainsAny(key, " \t") {
			return fmt.Errorf("failed to parse env_file %s: line %d: invalid variable name %q", file, number, key)
		}
		if !separated {
			var set bool
			if value, set = lookup(key); !set {
				continue
			}
		}
		variables[key] = value
	}
	return lines.Err()
}
