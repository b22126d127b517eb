package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"rsc.io/script"

	"kawaraban/internal/wire"
)

// pushes sends a file as an agency does, signed with a key, and prints the answer.
func (r *scriptRun) pushes() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "send a file, signed", Args: "path key file"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 3 {
				return nil, script.ErrUsage
			}
			body, err := os.ReadFile(s.Path(args[2]))
			if err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, r.base+args[0], bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			at := strconv.FormatInt(time.Now().Unix(), 10)
			req.Header.Set("Kawaraban-Timestamp", at)
			req.Header.Set("Kawaraban-Signature", wire.Sign(strings.TrimSpace(args[1]), at, body))
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				return nil, err
			}
			defer answer.Body.Close()
			said, err := io.ReadAll(answer.Body)
			if err != nil {
				return nil, err
			}
			out := fmt.Sprintf("%s\n%s\n", answer.Status, said)
			return func(*script.State) (string, string, error) { return out, "", nil }, nil
		})
}
