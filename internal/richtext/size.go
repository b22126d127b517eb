package richtext

import "encoding/json"

// surelyShort reports whether blocks fit into the stored form without a doubt,
// as nearly all do. It counts what JSON could make of them at worst, because to
// write them only to see their length costs as much as to read them.
func surelyShort(blocks []Block) bool {
	const (
		perBlock, perRow, perLine, perSpan = 200, 40, 10, 100 // the names of all their fields

		perByte = 6 // "<" is written as "\u003c"
	)
	size := len(`{"blocks":[]}`)
	for _, b := range blocks {
		size += perBlock + perRow*len(b.Rows) + perByte*(len(b.Kind)+len(b.Picture)+len(b.Credit)+len(b.Alt)+len(b.URL)+len(b.Title)+len(b.Video))
		for line := range b.lines {
			size += perLine + perSpan*len(line)
			for _, s := range line {
				size += perByte * (len(s.Text) + len(s.Href))
			}
		}
		if size > maxStored {
			return false
		}
	}
	return true
}

// size returns how long b is in the stored form, with the comma after it.
func (b Block) size() int {
	var n counter
	if err := json.NewEncoder(&n).Encode(b); err != nil {
		return maxStored + 1
	}
	return int(n)
}

// A counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
