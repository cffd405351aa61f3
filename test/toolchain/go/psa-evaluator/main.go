// Command psa-evaluator judges pods by the Pod Security Standards as the API server does.
//
// It reads one JSON object a line from standard input, {"id": any, "level": "baseline" or "restricted", "version":
// "latest" or "v1.29", "pod": {"metadata": {...}, "spec": {...}}}, and writes one a line, in the same order:
// {"id", "allowed", "checks": [ids of the checks that forbid], "reasons", "details"} or {"id", "error"}.
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
	ID      any    `json:"id"`
	Level   string `json:"level"`
	Version string `json:"version"`
	Pod     struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     corev1.PodSpec    `json:"spec"`
	} `json:"pod"`
}

type response struct {
	ID      any      `json:"id"`
	Allowed bool     `json:"allowed"`
	Checks  []string `json:"checks,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	Details []string `json:"details,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// One evaluator a check, so that a refusal names its check.
type named struct {
	id        policy.CheckID
	evaluator policy.Evaluator
}

func main() {
	evaluators, err := perCheck()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		if err := out.Encode(judge(in.Bytes(), evaluators)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func perCheck() ([]named, error) {
	var evaluators []named
	for _, check := range policy.DefaultChecks() {
		// Restricted checks may override baseline ones; alone, a check overrides nothing.
		for i := range check.Versions {
			check.Versions[i].OverrideCheckIDs = nil
		}
		evaluator, err := policy.NewEvaluator([]policy.Check{check}, nil)
		if err != nil {
			return nil, err
		}
		evaluators = append(evaluators, named{check.ID, evaluator})
	}
	return evaluators, nil
}

func judge(line []byte, evaluators []named) response {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		return response{ID: req.ID, Error: err.Error()}
	}
	level, err := api.ParseLevel(req.Level)
	if err != nil {
		return response{ID: req.ID, Error: err.Error()}
	}
	version, err := api.ParseVersion(req.Version)
	if err != nil {
		return response{ID: req.ID, Error: err.Error()}
	}
	result := response{ID: req.ID, Allowed: true}
	for _, check := range evaluators {
		for _, verdict := range check.evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &req.Pod.Metadata, &req.Pod.Spec) {
			if verdict.Allowed {
				continue
			}
			result.Allowed = false
			result.Checks = append(result.Checks, string(check.id))
			result.Reasons = append(result.Reasons, verdict.ForbiddenReason)
			result.Details = append(result.Details, verdict.ForbiddenDetail)
		}
	}
	return result
}
