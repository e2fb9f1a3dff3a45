package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// The order in which Docker Compose writes what it hashes; what is not named follows by name.
const order = `
profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent cgroup
cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares
command configs container_name credential_spec depends_on deploy device_cgroup_rules devices dns
dns_opt dns_search dockerfile domainname entrypoint provider environment env_file expose extends
external_links extra_hosts group_add gpus hostname healthcheck image init ipc isolation labels
label_file links logging log_driver log_opt mem_limit mem_reservation memswap_limit mem_swappiness
mac_address models net network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform
ports privileged pull_policy read_only restart runtime scale secrets security_opt shm_size
stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user
userns_mode uts volume_driver volumes volumes_from working_dir pre_start post_start pre_stop
pull_refresh_after umask
`

func printHashes(project *types.Project, names string) error {
	wanted := project.ServiceNames()
	if names != "*" {
		wanted = slices.Sorted(slices.Values(strings.Split(names, ",")))
	}
	for _, name := range wanted {
		service, err := project.GetService(name)
		if err != nil {
			return err
		}
		text, err := hashed(service)
		if err != nil {
			return err
		}
		fmt.Printf("%s %x\n", name, sha256.Sum256(text))
	}
	return nil
}

// hashed is what says something of the containers of a service.
func hashed(service types.ServiceConfig) ([]byte, error) {
	service.Build, service.PullPolicy, service.Scale = nil, "", nil
	service.DependsOn, service.Profiles = nil, nil
	if service.Deploy != nil {
		deploy := *service.Deploy
		deploy.Replicas = nil
		service.Deploy = &deploy
	}
	text, err := json.Marshal(service)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	names := strings.Fields(order)
	further := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool {
		return slices.Contains(names, name)
	})
	var sorted []string
	for _, name := range append(names, further...) {
		if value, there := fields[name]; there {
			sorted = append(sorted, fmt.Sprintf("%q:%s", name, value))
		}
	}
	return bytes.Join([][]byte{[]byte("{"), []byte(strings.Join(sorted, ",")), []byte("}")}, nil), nil
}
