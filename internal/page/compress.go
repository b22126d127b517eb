package page

import (
	"bytes"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

const (
	gzipLevel   = 6 // 0.2 ms for a long article
	brotliLevel = 5 // 1.2 ms
)

// compressors are used again, because making one costs 2.7 MB. The zero value
// works.
type compressors struct {
	gzip, brotli sync.Pool
}

func (c *compressors) gzipped(content []byte) []byte {
	var b bytes.Buffer
	w, ok := c.gzip.Get().(*gzip.Writer)
	if ok {
		w.Reset(&b)
	} else {
		w, _ = gzip.NewWriterLevel(&b, gzipLevel) // the level is a constant that exists
	}
	w.Write(content)
	w.Close()
	c.gzip.Put(w)
	return b.Bytes()
}

func (c *compressors) brotlied(content []byte) []byte {
	var b bytes.Buffer
	w, ok := c.brotli.Get().(*brotli.Writer)
	if ok {
		w.Reset(&b)
	} else {
		w = brotli.NewWriterLevel(&b, brotliLevel)
	}
	w.Write(content)
	w.Close()
	c.brotli.Put(w)
	return b.Bytes()
}
