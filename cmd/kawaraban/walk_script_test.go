package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/cookiejar"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"rsc.io/script"
)

// jar is where a person of the script keeps cookies; each has one browser.
func (r *scriptRun) jar(name string) http.CookieJar {
	if name == "" {
		return nil
	}
	if r.jars == nil {
		r.jars = map[string]http.CookieJar{}
	}
	if r.jars[name] == nil {
		r.jars[name], _ = cookiejar.New(nil) // only options make it fail
	}
	return r.jars[name]
}

// as takes "-as name" off the arguments.
func as(args []string) (name string, rest []string) {
	if len(args) > 1 && args[0] == "-as" {
		return args[1], args[2:]
	}
	return "", args
}

// post sends a form, as the page that it stands on would, and prints the answer
// as get does.
func (r *scriptRun) post() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "send a form", Args: "[-as name] path [field=value | header: value]..."},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			name, args := as(args)
			if len(args) == 0 {
				return nil, script.ErrUsage
			}
			form, headers := url.Values{}, http.Header{}
			headers.Set("Content-Type", "application/x-www-form-urlencoded")
			headers.Set("Sec-Fetch-Site", "same-origin")
			for _, a := range args[1:] {
				if header, value, ok := strings.Cut(a, ": "); ok && !strings.Contains(header, "=") {
					headers.Set(header, value)
					continue
				}
				field, value, _ := strings.Cut(a, "=")
				form.Add(field, value)
			}
			req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, r.base+args[0], strings.NewReader(form.Encode()))
			if err != nil {
				return nil, err
			}
			req.Header = headers
			out, err := r.send(req, name)
			return func(*script.State) (string, string, error) { return out, "", nil }, err
		})
}

// keep makes an environment variable of what the first group of a regular
// expression finds in the last output.
func keep() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "remember a part of the last output", Args: "NAME regexp", RegexpArgs: func(...string) []int { return []int{1} }},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 2 {
				return nil, script.ErrUsage
			}
			re, err := regexp.Compile(`(?s)` + args[1])
			if err != nil {
				return nil, err
			}
			m := re.FindStringSubmatch(s.Stdout())
			if len(m) < 2 {
				return nil, fmt.Errorf("%q is not in the last output", args[1])
			}
			return nil, s.Setenv(args[0], m[1])
		})
}

// code makes $CODE the one-time code of a seed at this moment (RFC 6238).
func code() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "make a one-time code", Args: "seed"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 1 {
				return nil, script.ErrUsage
			}
			key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(args[0], "="))
			if err != nil {
				return nil, err
			}
			h := hmac.New(sha1.New, key)
			binary.Write(h, binary.BigEndian, time.Now().Unix()/30)
			sum := h.Sum(nil)
			n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:]) & 0x7fffffff
			return nil, s.Setenv("CODE", fmt.Sprintf("%06d", n%1000000))
		})
}

// listen opens a stream of events and leaves it open.
func (r *scriptRun) listen() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "open a stream of events", Args: "[-as name] path"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			name, args := as(args)
			if len(args) != 1 {
				return nil, script.ErrUsage
			}
			req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, r.base+args[0], nil)
			if err != nil {
				return nil, err
			}
			res, err := (&http.Client{Jar: r.jar(name)}).Do(req)
			if err != nil {
				return nil, err
			}
			context.AfterFunc(s.Context(), func() { res.Body.Close() })
			if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
				return nil, fmt.Errorf("%s is %s, and no stream", args[0], kind)
			}
			return nil, nil
		})
}

var linkInLetter = regexp.MustCompile(`https?://[^/\s]+(/\S*[?&]token=([A-Za-z0-9_-]{43})\S*)`)

// letter waits for the next letter to an address and prints it: its subject, and
// its text. $TOKEN and $LINK are those of the link in it.
func (r *scriptRun) letter() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "wait for a letter", Args: "address"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 1 {
				return nil, script.ErrUsage
			}
			if r.read == nil {
				r.read = map[string]bool{}
			}
			data, _ := s.LookupEnv("KAWARABAN_DATA")
			for s.Context().Err() == nil {
				files, err := filepath.Glob(filepath.Join(data, "outbox", "*.eml")) // sorted by time
				if err != nil {
					return nil, err
				}
				for _, file := range files {
					if r.read[file] {
						continue
					}
					to, text, err := readLetter(file)
					if err != nil {
						return nil, err
					}
					if to != args[0] {
						continue
					}
					r.read[file] = true
					if m := linkInLetter.FindStringSubmatch(text); m != nil {
						if err := errors.Join(s.Setenv("LINK", m[1]), s.Setenv("TOKEN", m[2])); err != nil {
							return nil, err
						}
					}
					return func(*script.State) (string, string, error) { return text, "", nil }, nil
				}
				pause(s.Context())
			}
			return nil, fmt.Errorf("no letter to %s comes", args[0])
		})
}

// readLetter returns to whom a letter goes, and its subject and text.
func readLetter(file string) (to, text string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	m, err := mail.ReadMessage(f)
	if err != nil {
		return "", "", err
	}
	list, err := m.Header.AddressList("To")
	if err != nil {
		return "", "", err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return "", "", err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", "", err
	}
	var body io.Reader = m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	if strings.HasPrefix(kind, "multipart/") {
		if body, err = multipart.NewReader(m.Body, params["boundary"]).NextPart(); err != nil { // the text comes first
			return "", "", err
		}
	}
	b, err := io.ReadAll(body)
	return list[0].Address, "Subject: " + subject + "\n\n" + strings.ReplaceAll(string(b), "\r\n", "\n"), err
}
