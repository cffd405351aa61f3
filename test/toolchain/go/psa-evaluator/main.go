// Command psa-evaluator judges pods by the Pod Security Standards as the API server does.
//
// It reads one JSON object a line from standard input, {"id": any, "versions": ["latest", "v1.29", ...], "pod":
// {"metadata": {...}, "spec": {...}}}, and writes one a line, in the same order: {"id", "verdicts": [{"baseline": allowed
// at that level, "restricted": allowed at that level, "checks": [ids of the checks that forbid, each asked alone]}, ...]},
// a verdict for each version, or {"id", "error"}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type request struct {
	ID       any      `json:"id"`
	Versions []string `json:"versions"`
	Pod      struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     corev1.PodSpec    `json:"spec"`
	} `json:"pod"`
}

type verdict struct {
	Baseline   bool     `json:"baseline"`
	Restricted bool     `json:"restricted"`
	Checks     []string `json:"checks,omitempty"`
}

type response struct {
	ID       any       `json:"id"`
	Verdicts []verdict `json:"verdicts,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// One evaluator a check, so that a refusal names its check, and one for the levels as a whole.
type evaluators struct {
	checks []named
	whole  policy.Evaluator
}

type named struct {
	id        policy.CheckID
	evaluator policy.Evaluator
}

func main() {
	all, err := newEvaluators()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	encoder := json.NewEncoder(out)
	for in.Scan() {
		if err := encoder.Encode(all.judge(in.Bytes())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	for _, err := range []error{in.Err(), out.Flush()} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

func newEvaluators() (*evaluators, error) {
	whole, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	all := &evaluators{whole: whole}
	for _, check := range policy.DefaultChecks() {
		// Restricted checks may override baseline ones; alone, a check overrides nothing.
		for i := range check.Versions {
			check.Versions[i].OverrideCheckIDs = nil
		}
		evaluator, err := policy.NewEvaluator([]policy.Check{check}, nil)
		if err != nil {
			return nil, err
		}
		all.checks = append(all.checks, named{check.ID, evaluator})
	}
	return all, nil
}

func (all *evaluators) judge(line []byte) response {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		return response{ID: req.ID, Error: err.Error()}
	}
	result := response{ID: req.ID}
	for _, name := range req.Versions {
		version, err := api.ParseVersion(name)
		if err != nil {
			return response{ID: req.ID, Error: err.Error()}
		}
		allowed := func(evaluator policy.Evaluator, level api.Level) bool {
			results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &req.Pod.Metadata, &req.Pod.Spec)
			return policy.AggregateCheckResults(results).Allowed
		}
		answer := verdict{Baseline: allowed(all.whole, api.LevelBaseline), Restricted: allowed(all.whole, api.LevelRestricted)}
		for _, check := range all.checks {
			if !allowed(check.evaluator, api.LevelRestricted) {
				answer.Checks = append(answer.Checks, string(check.id))
			}
		}
		result.Verdicts = append(result.Verdicts, answer)
	}
	return result
}
