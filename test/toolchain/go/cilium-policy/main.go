// Command cilium-policy decides connections as Cilium's policy engine does.
//
// It reads one JSON object a line from standard input, {"namespaces": {name: labels}, "pods": [{"namespace", "labels", "ports":
// [{"name", "containerPort", "protocol"}]}], "outside": [addresses], "policies": [NetworkPolicy], "probes": [{"from",
// "to", "protocol", "port"}]}, where an end is the place of a pod, or of an address behind the last pod. It writes one a
// line, in the same order: {"allowed": [true or false for each probe]}, or {"error"}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"sync"

	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/k8s"
	ciliumio "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	pkgtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

type request struct {
	Namespaces map[string]map[string]string `json:"namespaces"`
	Pods       []struct {
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
		Ports     []struct {
			Name          string `json:"name"`
			ContainerPort int    `json:"containerPort"`
			Protocol      string `json:"protocol"`
		} `json:"ports"`
	} `json:"pods"`
	Outside  []string                     `json:"outside"`
	Policies []networkingv1.NetworkPolicy `json:"policies"`
	Probes   []struct {
		From     int    `json:"from"`
		To       int    `json:"to"`
		Protocol string `json:"protocol"`
		Port     uint16 `json:"port"`
	} `json:"probes"`
}

type response struct {
	Allowed []bool `json:"allowed,omitempty"`
	Error   string `json:"error,omitempty"`
}

func main() {
	option.Config.EnableSCTP = true
	option.Config.EnableIPv4 = true
	option.Config.EnableIPv6 = true
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		allowed, err := answer(in.Bytes())
		result := response{Allowed: allowed}
		if err != nil {
			result = response{Error: err.Error()}
		}
		if err := out.Encode(result); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func answer(line []byte) ([]bool, error) {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	ends, known, ports := identities(asked)
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	manager := identitymanager.NewIDManager(logger)
	repository := policy.NewPolicyRepository(logger, known, nil, nil, manager, testpolicy.NewPolicyMetricsNoop())
	repository.SetNamedPortsGetter(ports)
	repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	repository.GetSubjectSelectorCache().UpdateIdentities(known, nil, &sync.WaitGroup{})
	manager.Subscribe(testpolicy.SelectorCacheObserver{Cache: repository.GetSubjectSelectorCache()})
	for index := range asked.Policies {
		entries, err := k8s.ParseNetworkPolicy(logger, cmtypes.PolicyAnyCluster, &asked.Policies[index])
		if err != nil {
			return nil, err
		}
		repository.MustAddPolicyEntries(entries)
	}
	allowed := make([]bool, 0, len(asked.Probes))
	for _, probe := range asked.Probes {
		protocol, err := u8proto.ParseProtocol(probe.Protocol)
		if err != nil {
			return nil, err
		}
		flow := types.Flow{From: ends[probe.From], To: ends[probe.To], Proto: protocol, Dport: probe.Port, NamedPortsTCP: map[string]uint16{}, NamedPortsUDP: map[string]uint16{}}
		if probe.To < len(asked.Pods) {
			for _, port := range asked.Pods[probe.To].Ports {
				if port.Name != "" && port.Protocol == "TCP" {
					flow.NamedPortsTCP[port.Name] = uint16(port.ContainerPort)
				} else if port.Name != "" && port.Protocol == "UDP" {
					flow.NamedPortsUDP[port.Name] = uint16(port.ContainerPort)
				}
			}
		}
		result, _, _, err := policy.LookupFlow(logger, repository, manager, flow)
		if err != nil {
			return nil, err
		}
		// No policy applies to what is no pod.
		egress := probe.From >= len(asked.Pods) || result.Egress == types.DecisionAllowed
		ingress := probe.To >= len(asked.Pods) || result.Ingress == types.DecisionAllowed
		allowed = append(allowed, egress && ingress)
	}
	return allowed, nil
}

// The ports by name of every pod, for rules about where pods connect to.
type namedPorts struct{ all pkgtypes.NamedPortMultiMap }

func (ports namedPorts) GetNamedPorts() pkgtypes.NamedPortMultiMap { return ports.all }

func identities(asked request) ([]*identity.Identity, identity.IdentityMap, namedPorts) {
	ports := pkgtypes.NewNamedPortMultiMap()
	known := identity.IdentityMap{}
	var ends []*identity.Identity
	add := func(id identity.NumericIdentity, own labels.Labels) {
		end := identity.NewIdentity(id, own)
		known[id] = end.LabelArray
		ends = append(ends, end)
	}
	for index, pod := range asked.Pods {
		own := labels.LabelArray{labels.NewLabel(ciliumio.PodNamespaceLabel, pod.Namespace, labels.LabelSourceK8s)}
		for key, value := range pod.Labels {
			own = append(own, labels.NewLabel(key, value, labels.LabelSourceK8s))
		}
		for key, value := range asked.Namespaces[pod.Namespace] {
			own = append(own, labels.NewLabel(ciliumio.PodNamespaceMetaLabelsPrefix+key, value, labels.LabelSourceK8s))
		}
		id := identity.NumericIdentity(1000 + index)
		add(id, own.Sort().Labels())
		declared := pkgtypes.NamedPortMap{}
		for _, port := range pod.Ports {
			if port.Name != "" {
				_ = declared.AddPort(port.Name, port.ContainerPort, port.Protocol)
			}
		}
		ports.Update(id, nil, declared)
	}
	for index, address := range asked.Outside {
		ip := netip.MustParseAddr(address)
		add(identity.IdentityScopeLocal+identity.NumericIdentity(index+1), labels.GetCIDRLabels(netip.PrefixFrom(ip, ip.BitLen())))
	}
	return ends, known, namedPorts{all: ports}
}
