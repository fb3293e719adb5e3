package esco_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/reason"
)

func files(content ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(content); i += 2 {
		m[content[i]] = &fstest.MapFile{Data: []byte(content[i+1])}
	}
	return m
}

const base = "http://data.europa.eu/esco/"

func commission() []esco.Source {
	return []esco.Source{{Files: files(
		"skills_en.csv", "\ufeffconceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,description\n"+
			"KnowledgeSkillCompetence,"+base+"skill/a,skill/competence,cross-sector,join metal,\"join metals\nconnect metal\njoin metal\",,released,\"Join, with heat.\"\n"+
			"KnowledgeSkillCompetence,"+base+"skill/b,knowledge,,metals,,,released,\n"+
			"KnowledgeSkillCompetence,"+base+"skill/old,knowledge,,alchemy,,,obsolete,\n",
		"skillGroups_en.csv", "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,scopeNote,description,code\nSkillGroup,"+base+"skill/g,metal work,,,released,,,S1\n",
		"occupations_en.csv", "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,status,description,code\nOccupation,"+base+"occupation/w,7212,welder,,released,,7212.3\n",
		"greenSkillsCollection_en.csv", "conceptType,conceptUri,preferredLabel,status,skillType,reuseLevel,altLabels,description,broaderConceptUri\nX,"+base+"skill/green,green,,,,,,\n",
		"conceptSchemes_en.csv", "conceptType,conceptSchemeUri,preferredLabel\nConceptScheme,x,y\n",
		"notes.txt", "nothing",
	)}, {Files: files(
		"no/skills_no.csv", "conceptType,conceptUri,skillType,preferredLabel,altLabels\nKnowledgeSkillCompetence,"+base+"skill/a,skill/competence,sammenføye metall,føye sammen metall | skjøte metall\n",
	), Language: "nb"}, {Files: files(
		"broaderRelationsSkillPillar.csv", "conceptType,conceptUri,broaderType,broaderUri\nX,"+base+"skill/a,SkillGroup,"+base+"skill/g\nX,"+base+"skill/a,SkillGroup,"+base+"skill/g\nX,"+base+"skill/gone,SkillGroup,"+base+"skill/g\n",
		"occupationSkillRelations.csv", "occupationUri,relationType,skillType,skillUri\n"+base+"occupation/w,essential,x,"+base+"skill/a\n"+base+"occupation/w,optional,x,"+base+"skill/b\n"+base+"occupation/w,optional,x,"+base+"skill/old\n",
		"skillSkillRelations.csv", "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri\n"+base+"skill/a,x,optional,x,"+base+"skill/b\n",
	)}}
}

func tabiya() []esco.Source {
	return []esco.Source{{Language: "en", Files: files(
		"skills.csv", "ORIGINURI,ID,UUIDHISTORY,SKILLTYPE,REUSELEVEL,PREFERREDLABEL,ALTLABELS,DESCRIPTION\n"+
			base+"skill/a,key_1,u,skill/competence,cross-sector,join metal,\"join metals\nconnect metal\njoin metal\",\"Join, with heat.\"\n"+base+"skill/b,key_2,u,knowledge,,metals,,\n",
		"skill_groups.csv", "ORIGINURI,ID,UUIDHISTORY,CODE,PREFERREDLABEL,ALTLABELS,DESCRIPTION,SCOPENOTE\n"+base+"skill/g,key_3,u,S1,metal work,,,\n",
		"occupations.csv", "ORIGINURI,ID,UUIDHISTORY,ISCOGROUPCODE,CODE,PREFERREDLABEL,ALTLABELS,DESCRIPTION\n"+base+"occupation/w,key_4,u,7212,7212.3,welder,,\n",
		"skill_hierarchy.csv", "PARENTOBJECTTYPE,PARENTID,CHILDID,CHILDOBJECTTYPE\nskillgroup,key_3,key_1,skill\n",
		"occupation_skill_relations.csv", "OCCUPATIONTYPE,OCCUPATIONID,RELATIONTYPE,SKILLID\nescooccupation,key_4,essential,key_1\nescooccupation,key_4,optional,key_2\n",
		"skill_skill_relations.csv", "REQUIRINGID,RELATIONTYPE,REQUIREDID\nkey_1,optional,key_2\n",
	)}}
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	for name, sources := range map[string][]esco.Source{"commission": commission(), "tabiya": tabiya()} {
		v, err := esco.ReadCSV(t.Context(), esco.Limits{}, sources...)
		if err != nil {
			t.Fatal(name, err)
		}
		a, _ := v.Skill(base + "skill/a")
		g, _ := v.Skill(base + "skill/g")
		o, _ := v.Occupation("7212.3")
		if len(v.Skills()) != 3 || len(v.Occupations()) != 1 || a.Labels["en"] != "join metal" || !slices.Equal(a.Alt["en"], []string{"join metals", "connect metal"}) ||
			a.Description["en"] != "Join, with heat." || a.Type != esco.Competence || a.Reuse != esco.CrossSector || !slices.Equal(a.Broader, []string{base + "skill/g"}) ||
			!slices.Equal(a.Related, []string{base + "skill/b"}) || g.Type != esco.Group || g.Labels["en"] != "metal work" ||
			!slices.Equal(o.Essential, []string{base + "skill/a"}) || !slices.Equal(o.Optional, []string{base + "skill/b"}) {
			t.Errorf("%s: %+v %+v %+v", name, a, g, o)
		}
		if name == "commission" && (a.Labels["nb"] != "sammenføye metall" || !slices.Equal(a.Alt["nb"], []string{"føye sammen metall", "skjøte metall"})) {
			t.Errorf("%+v", a)
		}
	}
}

func TestReadCSVRefuses(t *testing.T) {
	t.Parallel()
	const header = "conceptUri,skillType,preferredLabel,altLabels\n"
	row := base + "skill/a,knowledge,metals,\n"
	for _, c := range []struct {
		csv, at string
		code    reason.Code
	}{
		{header + row + base + "skill/b,knowledge,,\n", "skills_en.csv line 3", "offer_invalid/vocabulary"},
		{header + base + "skill/a,knowledge,metals,\"a\nb\"\nmetals,knowledge,metals,\n", "skills_en.csv line 4/uri", "offer_invalid/vocabulary"},
		{header + row + "x\"y,knowledge,metals,\n", "skills_en.csv line 3", "offer_invalid/vocabulary"},
		{header + row + "\"x,knowledge,metals,\n", "skills_en.csv line 3", "offer_invalid/vocabulary"},
		{header + row + strings.Repeat("x", 5000), "skills_en.csv", reason.LimitSize},
		{header + row + strings.ReplaceAll(row, "/a", "/b") + strings.ReplaceAll(row, "/a", "/c"), "skills_en.csv line 4", "resource_limit/concepts"},
		{header + base + "skill/a,talent,metals,\n", "skills_en.csv line 2/type", "offer_invalid/vocabulary"},
		{"conceptUri,skillType,reuseLevel,preferredLabel\n" + base + "skill/a,,often,metals\n", "skills_en.csv line 2/reuse", "offer_invalid/vocabulary"},
		{"occupationUri,relationType,skillUri\n,essential,x\n", "skills_en.csv line 2", "offer_invalid/vocabulary"},
	} {
		_, err := esco.ReadCSV(t.Context(), esco.Limits{MaxBytes: 4000, MaxConcepts: 2}, esco.Source{Files: files("skills_en.csv", c.csv)})
		if reason.CodeOf(err) != c.code || reason.AtOf(err) != c.at {
			t.Errorf("%.60q: %v at %q", c.csv, err, reason.AtOf(err))
		}
	}
	relation := files("skills_en.csv", header+row, "occupations_en.csv", "conceptUri,iscoGroup,preferredLabel\n"+base+"occupation/w,7212,welder\n",
		"relations.csv", "occupationUri,relationType,skillUri\n"+base+"occupation/w,sometimes,"+base+"skill/a\n")
	if _, err := esco.ReadCSV(t.Context(), esco.Limits{}, esco.Source{Files: relation}); reason.AtOf(err) != "relations.csv line 2" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := esco.ReadCSV(ctx, esco.Limits{}, commission()...); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	if _, err := esco.ReadCSV(t.Context(), esco.Limits{}, esco.Source{Files: broken{}}); reason.CodeOf(err) != reason.IO {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is gone") }

func TestLines(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/small.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := small(t).WriteLines(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), raw) {
		t.Errorf("written otherwise than read:\n%s", b.Bytes())
	}
	v, err := esco.ReadCSV(t.Context(), esco.Limits{}, commission()...)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := v.WriteLines(&b); err != nil {
		t.Fatal(err)
	}
	again, err := esco.ReadLines(t.Context(), &b, esco.Limits{})
	if err != nil || len(again.Skills()) != 3 || len(again.Occupations()) != 1 {
		t.Fatal(again, err)
	}
	if err := v.WriteLines(full{}); reason.CodeOf(err) != reason.IO {
		t.Error(err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestLinesRefuses(t *testing.T) {
	t.Parallel()
	const good = `{"skill":{"uri":"https://a.example/1","labels":{"en":"a"}}}` + "\n\n"
	for _, c := range []struct {
		line, at string
		code     reason.Code
	}{
		{`{"skill":`, "line 3/skill", reason.MalformedJSON}, {`[]`, "line 3", reason.MalformedNotObject}, {`{}`, "line 3", "offer_invalid/vocabulary"},
		{`{"skill":{"uri":"https://a.example/2","labels":{"en":"a"},"colour":"red"}}`, "line 3", "offer_invalid/vocabulary"},
		{`{"skill":{"uri":"https://a.example/2","uri":"https://a.example/3"}}`, "line 3/skill/uri", reason.MalformedDuplicateMember},
		{`{"skill":{"uri":"x","labels":{"en":"a"}}}`, "line 3/skill/uri", "offer_invalid/vocabulary"},
		{`{"occupation":{"uri":"https://a.example/2"}}`, "line 3/occupation/labels", "offer_invalid/vocabulary"},
		{`{"skill":{"uri":"https://a.example/2","labels":{"en":"a"}},"occupation":{"uri":"https://a.example/2","labels":{"en":"a"}}}`, "line 3", "offer_invalid/vocabulary"},
		{`{"skill":{"uri":"https://a.example/2","labels":{"en":3}}}`, "line 3", "offer_invalid/vocabulary"},
		{strings.ReplaceAll(good, "/1", "/2") + strings.ReplaceAll(good, "/1", "/3"), "line 5", "resource_limit/concepts"},
		{strings.Repeat(" ", 2<<20), "line 3", reason.LimitSize},
	} {
		_, err := esco.ReadLines(t.Context(), strings.NewReader(good+c.line), esco.Limits{MaxConcepts: 2})
		if reason.CodeOf(err) != c.code || reason.AtOf(err) != c.at {
			t.Errorf("%.80q: %v at %q", c.line, err, reason.AtOf(err))
		}
	}
	if _, err := esco.ReadLines(t.Context(), strings.NewReader(strings.Repeat(good, 100)), esco.Limits{MaxBytes: 1000}); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := esco.ReadLines(ctx, strings.NewReader(good), esco.Limits{}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// FuzzLines: what is read can be written and read again, with the same bytes.
func FuzzLines(f *testing.F) {
	raw, err := os.ReadFile("testdata/small.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw[:bytes.IndexByte(raw, '\n')+1])
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := esco.ReadLines(t.Context(), bytes.NewReader(raw), esco.Limits{MaxConcepts: 100})
		if err != nil {
			return
		}
		var one, two bytes.Buffer
		if err := v.WriteLines(&one); err != nil {
			t.Fatal(err)
		}
		again, err := esco.ReadLines(t.Context(), bytes.NewReader(one.Bytes()), esco.Limits{})
		if err != nil {
			t.Fatalf("%v of %q", err, one.Bytes())
		}
		if err := again.WriteLines(&two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatalf("%q and then %q", one.Bytes(), two.Bytes())
		}
	})
}

// FuzzCSV: no file and no archive stops the reader, and what it takes is whole.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("conceptUri,skillType,preferredLabel,altLabels\n"+base+"skill/a,knowledge,metals,\"b\nc\"\n"), []byte("conceptUri,broaderUri\nx,y\n"))
	f.Fuzz(func(t *testing.T, concepts, relations []byte) {
		sources := []esco.Source{{Files: files("a_en.csv", string(concepts), "b.csv", string(relations))}}
		if z, err := zip.NewReader(bytes.NewReader(concepts), int64(len(concepts))); err == nil {
			sources = append(sources, esco.Source{Files: z})
		}
		v, err := esco.ReadCSV(t.Context(), esco.Limits{MaxBytes: 1 << 20, MaxConcepts: 100}, sources...)
		if err != nil {
			return
		}
		if _, err := esco.New(v.Skills(), v.Occupations()); err != nil {
			t.Fatal(err)
		}
	})
}
