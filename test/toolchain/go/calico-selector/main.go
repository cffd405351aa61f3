// Command calico-selector says which labels a selector in Calico's own language selects, as Calico does.
//
// It reads one JSON object a line from standard input, {"selector": text, "labels": [{name: value}, ...]}, and writes one
// a line, in the same order: {"selects": [bool, ...]}, one for each set of labels, or {"error"}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/projectcalico/calico/libcalico-go/lib/selector"
)

type request struct {
	Selector string              `json:"selector"`
	Labels   []map[string]string `json:"labels"`
}

type response struct {
	Selects []bool `json:"selects,omitempty"`
	Error   string `json:"error,omitempty"`
}

func answer(line []byte) response {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return response{Error: err.Error()}
	}
	parsed, err := selector.Parse(asked.Selector)
	if err != nil {
		return response{Error: err.Error()}
	}
	found := response{}
	for _, labels := range asked.Labels {
		found.Selects = append(found.Selects, parsed.Evaluate(labels))
	}
	return found
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		if err := encoder.Encode(answer(in.Bytes())); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
