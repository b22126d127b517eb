package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

type serveCommand struct{}

// Run serves the paper until it is told to stop.
func (serveCommand) Run(ctx context.Context, p *process) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.folder(); err != nil {
		return err
	}
	useMemory(p.CacheMB)
	unlock, err := lock(p.Data, p.base())
	if err != nil {
		return err
	}
	defer unlock()
	l, err := listen(p.Addr)
	if err != nil {
		return err
	}
	defer l.Close()
	requests, done, err := p.requests()
	if err != nil {
		return err
	}
	defer done()
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	defer paper.close()
	return paper.serve(ctx, l, requests, func() {
		p.log.Info("the paper is open", "url", p.base()+"/", "listen", l.Addr().String(), "data", p.Data)
	})
}

// unlessStopped is err, or nil when somebody has told the process to stop: a
// server that is stopped while it opens has done what it was told.
func unlessStopped(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return nil
	}
	return err
}

// requests opens the request log; nil when it is off.
func (p *process) requests() (w io.Writer, done func(), err error) {
	switch p.RequestLog {
	case "off", "":
		return nil, func() {}, nil
	case "-":
		return p.stdout, func() {}, nil
	}
	f, err := os.OpenFile(p.RequestLog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("the request log %s cannot be written (%w); choose another with --request-log", p.RequestLog, cause(err))
	}
	return f, func() { f.Close() }, nil
}
