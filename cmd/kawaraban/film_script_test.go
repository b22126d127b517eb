package main

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"rsc.io/script"

	"kawaraban/internal/papertest"
)

// film makes an MP4 that says that it has so many pixels and lasts so long. $SIZE is how
// many bytes of it "send" sends.
func film() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "make a video", Args: "file width height duration"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			if len(args) != 4 {
				return nil, script.ErrUsage
			}
			f := papertest.Film{Codec: "avc1", Late: true}
			var err error
			if f.Width, err = strconv.Atoi(args[1]); err != nil {
				return nil, err
			}
			if f.Height, err = strconv.Atoi(args[2]); err != nil {
				return nil, err
			}
			if f.Length, err = time.ParseDuration(args[3]); err != nil {
				return nil, err
			}
			data := papertest.MP4(f)
			if err := os.WriteFile(s.Path(args[0]), data, 0o600); err != nil {
				return nil, err
			}
			return nil, s.Setenv("SIZE", strconv.Itoa(len(data)+1))
		})
}

// form sends a form with files, as the page that it stands on would.
func (r *scriptRun) form() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "send a form with files", Args: "[-as name] path [field=value | field=@file]..."},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			name, args := as(args)
			if len(args) == 0 {
				return nil, script.ErrUsage
			}
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			for _, a := range args[1:] {
				field, value, _ := strings.Cut(a, "=")
				file, ok := strings.CutPrefix(value, "@")
				if !ok {
					if err := w.WriteField(field, value); err != nil {
						return nil, err
					}
					continue
				}
				data, err := os.ReadFile(s.Path(file))
				if err != nil {
					return nil, err
				}
				part, err := w.CreateFormFile(field, file)
				if err == nil {
					_, err = part.Write(data)
				}
				if err != nil {
					return nil, err
				}
			}
			if err := w.Close(); err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, r.base+args[0], &body)
			if err != nil {
				return nil, err
			}
			req.Header.Set("Content-Type", w.FormDataContentType())
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			out, err := r.send(req, name)
			return func(*script.State) (string, string, error) { return out, "", nil }, err
		})
}
