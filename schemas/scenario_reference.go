package schemas

import (
	"fmt"
	"reflect"
	"strings"
)

// ScenarioReference is the part of docs/simulation.md that lists every key of a
// scenario, in Markdown, from the fields' comments.
func ScenarioReference() string {
	var b strings.Builder
	scenarioSection(&b, reflect.TypeFor[Scenario](), "")
	return b.String()
}

func scenarioSection(b *strings.Builder, t reflect.Type, path string) {
	heading := "Top level"
	if path != "" {
		heading = "`" + path + "`"
	}
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n| key | value | meaning |\n|---|---|---|\n", heading, escape(rename(comments()[t.Name()], t.Name(), words(t.Name()))))
	type below struct {
		t    reflect.Type
		path string
	}
	var sections []below
	for _, f := range reflect.VisibleFields(t) {
		key := f.Tag.Get("yaml")
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", key, scenarioValue(f.Type), escape(rename(comments()[t.Name()+"."+f.Name], f.Name, key)))
		switch {
		case f.Type.Kind() == reflect.Struct:
			sections = append(sections, below{f.Type, join(path, key)})
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			sections = append(sections, below{f.Type.Elem(), join(path, key) + "[]"})
		}
	}
	for _, s := range sections {
		scenarioSection(b, s.t, s.path)
	}
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// scenarioValue says what a value looks like.
func scenarioValue(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "whole number"
	case reflect.Float64:
		return "number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "list, see below"
		}
		return "list of " + scenarioValue(t.Elem()) + "s"
	case reflect.Map:
		return "number by text"
	}
	return "see below"
}
