package main

import (
	"net/http"
	"os"
	"strconv"
	"strings"

	"rsc.io/script"
)

// sendBytes sends what is no form, as a script of our pages would, and prints the answer
// as get does: JSON, or bytes of a file. Behind the file's own bytes stands one more,
// so that it is another file than that of the demo.
func (r *scriptRun) sendBytes() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "send JSON, or bytes of a file", Args: "[-as name] path (json | file from to)"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			name, args := as(args)
			if len(args) != 2 && len(args) != 4 {
				return nil, script.ErrUsage
			}
			kind, content := "application/json", args[1]
			if len(args) == 4 {
				data, err := os.ReadFile(s.Path(args[1]))
				if err != nil {
					return nil, err
				}
				data = append(data, '.')
				from, err := strconv.Atoi(args[2])
				if err != nil {
					return nil, err
				}
				to, err := strconv.Atoi(args[3])
				if err != nil {
					return nil, err
				}
				kind, content = "application/octet-stream", string(data[min(from, len(data)):min(to, len(data))])
			}
			req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, r.base+args[0], strings.NewReader(content))
			if err != nil {
				return nil, err
			}
			req.Header.Set("Content-Type", kind)
			req.Header.Set("Accept", "application/json")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			out, err := r.send(req, name)
			return func(*script.State) (string, string, error) { return out, "", nil }, err
		})
}
