package richtext

import (
	"encoding/json"
	"strings"
	"testing"
)

func filmed(picture, video string) Doc {
	return Doc{Blocks: []Block{{Kind: Figure, Text: []Span{{Text: "The tide"}}, Picture: picture, Credit: "Moss", Alt: "The quay", Video: video}}}
}

// A video is a figure that goes through a source, the stored form and a merge.
func TestVideo(t *testing.T) {
	d := filmed("p1", "v1")
	source := Source(d)
	if !strings.Contains(source, `<img src="p1" data-video="v1" alt="The quay">`) {
		t.Errorf("the source is %s", source)
	}
	stored, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(stored)
	if err != nil {
		t.Fatal(err)
	}
	typed, err := FromSource(source)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]Doc{"stored": parsed, "typed": typed} {
		if Source(got) != source {
			t.Errorf("%s it became %s", name, Source(got))
		}
	}

	// Its number alone is enough: the poster comes later.
	typed, err = FromSource(`<figure><img data-video="v1"></figure>`)
	if err != nil || len(typed.Blocks) != 1 || typed.Blocks[0].Video != "v1" || typed.Blocks[0].Picture != "" {
		t.Errorf("a number alone: %+v, %v", typed, err)
	}
	// Nobody elsewhere may name a video of ours.
	if got := FromHTML(`<figure><img src="https://a.example/x.jpg" data-video="v1"></figure>`, ""); got.Blocks[0].Video != "" {
		t.Errorf("a page from elsewhere names a video: %+v", got)
	}

	// Mine wrote the caption, theirs took another video: both stay.
	mine, theirs := filmed("p1", "v1"), filmed("p2", "v2")
	mine.Blocks[0].Text = []Span{{Text: "The tide rises"}}
	if got, clashes := Merge(d, mine, theirs); len(clashes) > 0 || got.Blocks[0].Video != "v2" || got.Blocks[0].Picture != "p2" || Plain(got.Blocks[0].Text) != "The tide rises" {
		t.Errorf("merged: %+v, %v", got, clashes)
	}
	if _, clashes := Merge(d, filmed("p3", "v3"), theirs); len(clashes) != 1 || clashes[0].Mine != "v3" || clashes[0].Theirs != "v2" {
		t.Errorf("two chose a video: %v", clashes)
	}
}

// Whoever compares versions is told where a video came or went, also when the picture
// stayed.
func TestVideoDiff(t *testing.T) {
	marks := Marks{Picture: "Picture", Video: "Video", Added: "Added:", Removed: "Removed:", Credit: "Image:"}
	for _, test := range []struct {
		before, after Doc
		want          string
	}{
		{Doc{}, filmed("p1", "v1"), "<ins><span class=\"unseen\">Added: </span>Video: The quay</ins>"},
		{filmed("p1", ""), filmed("p1", "v1"), "Video: The quay</ins>"},
		{filmed("p1", "v1"), filmed("p1", ""), "<del><span class=\"unseen\">Removed: </span>Video: The quay</del><ins><span class=\"unseen\">Added: </span>Picture: The quay</ins>"},
		{filmed("p1", "v1"), filmed("p1", "v1"), "Video: The quay</p>"},
	} {
		got := ""
		for _, c := range Diff(test.before, test.after) {
			got += string(c.HTML(marks))
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s does not contain %s", got, test.want)
		}
	}
}
