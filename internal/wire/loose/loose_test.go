package loose

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTypes holds what becomes of each type of JSON where another was agreed.
func TestTypes(t *testing.T) {
	type inner struct{ A Scalar }
	type all struct {
		S Scalar
		T Text
		W Words
		L List[inner]
		N int
	}
	for _, test := range []struct {
		data string
		want all
	}{
		{`{}`, all{}},
		{`{"S":null,"T":null,"W":null,"L":null,"N":null}`, all{}},
		{`{"S":"a","T":"b","W":"c","L":{"A":"d"},"N":1}`, all{S: "a", T: "b", W: Words{"c"}, L: List[inner]{{A: "d"}}, N: 1}},
		{`{"S":1.50,"T":2,"W":[1,"",null,"x"],"L":[{"A":1},7,null,[{"A":2}]],"N":"1"}`, all{S: "1.50", T: "2", W: Words{"1", "x"}, L: List[inner]{{A: "1"}}}},
		{`{"S":[],"T":[],"W":{"a":1},"L":"x","N":[]}`, all{S: "[]", W: Words{`{"a":1}`}}},
		{`{"S":{"b":1},"T":{"b":1},"W":[["a"],{}],"L":[]}`, all{S: `{"b":1}`, W: Words{`["a"]`, `{}`}}},
		{`{"S":false,"T":true,"W":true}`, all{S: "false", W: Words{"true"}}},
	} {
		var got all
		if err := Unmarshal([]byte(test.data), &got); err != nil {
			t.Errorf("%s: %v", test.data, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.data, diff)
		}
	}
	var v all
	if err := Unmarshal([]byte(`{"S":"a`), &v); err == nil {
		t.Error("JSON that is cut off is read")
	}
}

// FuzzMembers holds that Members sees what encoding/json sees.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":[2,{"c":"}"}],"d":"\"]"}`, `[1,"a",[],{},null]`, `{}`, `[ ]`, `"a"`, "{\"a\"\n:\t1 , \"b\":2}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var list []json.RawMessage
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &list) != nil && json.Unmarshal(data, &object) != nil {
			return
		}
		n := 0
		err := Members(data, func(name string, value json.RawMessage) error {
			n++
			if !json.Valid(value) {
				t.Errorf("%q is not a value of %q", value, data)
			}
			if _, ok := object[name]; object != nil && !ok {
				t.Errorf("%q has no %q", data, name)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%q: %v", data, err)
		}
		if list != nil && n != len(list) || object != nil && n < len(object) {
			t.Errorf("%d members of %q", n, data)
		}
	})
}
