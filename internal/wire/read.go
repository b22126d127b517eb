package wire

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/afp"
	"kawaraban/internal/wire/anpa"
	"kawaraban/internal/wire/ap"
	"kawaraban/internal/wire/digitalwires"
	"kawaraban/internal/wire/feed"
	"kawaraban/internal/wire/iptc7901"
	"kawaraban/internal/wire/letter"
	"kawaraban/internal/wire/newsml"
	"kawaraban/internal/wire/ninjs"
	"kawaraban/internal/wire/nitf"
)

// Read reads one delivery: a file, an answer of an API, a feed. What it is is
// found in data itself; name is for messages only, because agencies name files
// as they like. The items come in the order of the delivery, cleaned and
// bounded, each with an id.
//
// The error is a Problem: TooLarge over a limit, Unsupported for a format that
// is known and not read, or not known, Invalid for one that is damaged.
func Read(name string, data []byte) ([]Item, error) {
	if len(data) > maxBytes && !isMail(bytes.TrimLeft(data[:min(len(data), 4<<10)], " \t\r\n")) || len(data) > maxKept {
		return nil, &problem.Problem{
			Kind:   problem.TooLarge,
			Detail: fmt.Sprintf("This file has %d bytes; the limit is %d. Send it in parts.", len(data), maxBytes),
		}
	}
	f, err := detect(data)
	if err != nil {
		return nil, err
	}
	items, err := parse(f, data)
	if err != nil {
		return nil, unreadable(name, f, err)
	}
	for i := range items {
		clean(&items[i])
	}
	return items, nil
}

// parse reads data as f. A panic in a parser is an error like any other: one
// file must never stop a wire.
func parse(f format, data []byte) (items []Item, err error) {
	defer func() {
		if r := recover(); r != nil {
			items, err = nil, fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	switch f {
	case newsML1:
		d, err := newsml.Parse1(data)
		if err != nil {
			return nil, err
		}
		return fromNewsML1(d), nil
	case newsMLG2:
		d, err := newsml.ParseG2(data)
		if err != nil {
			return nil, err
		}
		return fromG2(d), nil
	case nitfXML:
		d, err := nitf.Parse(data)
		if err != nil {
			return nil, err
		}
		return []Item{fromNITF(d)}, nil
	case ninjsJSON:
		docs, err := ninjs.Parse(data)
		if err != nil {
			return nil, err
		}
		return fromNinjs(docs), nil
	case textANPA:
		list, err := anpa.Parse(data)
		if err != nil {
			return nil, err
		}
		return fromANPA(list), nil
	case text7901:
		list, err := iptc7901.Parse(data)
		if err != nil {
			return nil, err
		}
		return from7901(list), nil
	case mailMIME:
		m, err := letter.Parse(data)
		if err != nil {
			return nil, err
		}
		return []Item{fromMail(m)}, nil
	case apJSON:
		a, err := ap.Parse(data)
		if err != nil {
			return nil, err
		}
		return fromAP(a), nil
	case dpaJSON:
		entries, err := digitalwires.Parse(data)
		if err != nil {
			return nil, err
		}
		return fromDigitalwires(entries), nil
	case afpJSON:
		docs, err := afp.Parse(data)
		if err != nil {
			return nil, err
		}
		return fromAFP(docs), nil
	case openFeed:
		if err := checkFeed(data); err != nil {
			return nil, err
		}
		d, err := feed.Parse(data)
		if err != nil {
			return nil, err
		}
		return fromFeed(d), nil
	default:
		return nil, errors.New("no parser")
	}
}

// unreadable makes a Problem of err, with the delivery's name for the log.
func unreadable(name string, f format, err error) error {
	p := problem.Of(err)
	if errors.Is(err, ninjs.ErrNotNinjs) {
		p = problem.Of(notRead(unknownJSON))
	}
	if p == nil {
		p = &problem.Problem{
			Kind:   problem.Invalid,
			Detail: fmt.Sprintf("This %s file is damaged and could not be read; it is kept as it came.", f),
		}
	}
	told := *p
	told.Err = fmt.Errorf("read %q as %s: %w", name, f, err)
	return &told
}
