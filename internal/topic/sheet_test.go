package topic

import (
	"archive/zip"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "make topics.tsv anew from the spreadsheet of the IPTC")

// sheet is where the spreadsheet is, which is not ours to keep.
const sheet = "../../../shared/data/vocab/IPTC-MediaTopic-NewsCodes-mappings.xlsx"

// TestSheet holds topics.tsv against the spreadsheet that it is made from. For a
// new release put it at the same place and run: go test ./internal/topic -update
func TestSheet(t *testing.T) {
	if _, err := os.Stat(sheet); err != nil {
		t.Skip("the spreadsheet of the IPTC is not here: ", err)
	}
	var b strings.Builder
	var above [maxDepth + 1]string // the topic at each level that what follows is below
	for _, r := range rows(t) {
		code, parent := local(r["NewsCode-QCode (flat)"]), ""
		for level := 1; level <= maxDepth; level++ {
			if local(r[fmt.Sprintf("Level%d/NewsCode", level)]) == code {
				parent, above[level] = above[level-1], code
			}
		}
		retired, _, _ := strings.Cut(r["RetiredDate"], "T")
		line := []string{
			code, parent, retired, local(r["SubjectCode mapping"]), local(r["Wikidata mapping"]),
			strings.Join(strings.Fields(r["Name (en-GB)"]), " "),
		}
		b.WriteString(strings.Join(line, "\t") + "\n")
	}
	made := b.String()
	if *update {
		if err := os.WriteFile("topics.tsv", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if made != table {
		t.Error("topics.tsv is not what the spreadsheet holds; run: go test ./internal/topic -update")
	}
}

func local(id string) string { return id[strings.LastIndexAny(id, ":/")+1:] }

// rows reads the only sheet of the spreadsheet: each row by the names in the
// first.
func rows(t *testing.T) (list []map[string]string) {
	t.Helper()
	file, err := zip.OpenReader(sheet)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var texts struct {
		Items []struct {
			Text string   `xml:"t"`
			Runs []string `xml:"r>t"`
		} `xml:"si"`
	}
	part(t, file, "xl/sharedStrings.xml", &texts)
	var data struct {
		Rows []struct {
			Cells []struct {
				Place string `xml:"r,attr"`
				Type  string `xml:"t,attr"`
				Value string `xml:"v"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	part(t, file, "xl/worksheets/sheet1.xml", &data)
	names := map[string]string{}
	for _, r := range data.Rows[1:] { // the first is a title, the second has the names
		row := map[string]string{}
		for _, c := range r.Cells {
			value, column := c.Value, strings.TrimRight(c.Place, "0123456789")
			if c.Type == "s" {
				n := 0
				for _, d := range value {
					n = n*10 + int(d-'0')
				}
				value = texts.Items[n].Text + strings.Join(texts.Items[n].Runs, "")
			}
			if name := names[column]; name != "" {
				row[name] = value
			} else {
				names[column] = value
			}
		}
		if len(row) > 0 {
			list = append(list, row)
		}
	}
	return list
}

func part(t *testing.T, file *zip.ReadCloser, name string, into any) {
	t.Helper()
	f, err := file.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
