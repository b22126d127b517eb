package main

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strings"

	"rsc.io/script"
)

// bring hands a mail to the socket of a paper, as the mail server of its machine
// does by LMTP, and prints what the paper answers to its address and to the mail.
func bring() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "bring back a mail", Args: "socket address file"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 3 {
				return nil, script.ErrUsage
			}
			raw, err := os.ReadFile(s.Path(args[2]))
			if err != nil {
				return nil, err
			}
			c, err := net.Dial("unix", s.Path(args[0]))
			if err != nil {
				return nil, err
			}
			defer c.Close()
			t := textproto.NewConn(c)
			var out strings.Builder
			for _, line := range []string{"", "LHLO mx.paper.example", "MAIL FROM:<>", "RCPT TO:<" + args[1] + ">", "DATA", strings.TrimSuffix(string(raw), "\n") + "\r\n."} {
				if line != "" {
					if err := t.PrintfLine("%s", strings.ReplaceAll(strings.ReplaceAll(line, "\r\n", "\n"), "\n", "\r\n")); err != nil {
						return nil, err
					}
				}
				code, text, err := t.ReadResponse(0)
				if protocol := new(textproto.Error); err != nil && !errors.As(err, &protocol) {
					return nil, err
				}
				fmt.Fprintf(&out, "%d %s\n", code, text)
				if code >= 400 {
					break
				}
			}
			return func(*script.State) (string, string, error) { return out.String(), "", nil }, nil
		})
}
