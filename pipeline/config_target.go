package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/estimate"
)

// Target is a number of persons that a region has set itself, by a definition.
type Target struct {
	// Name is the name of the target in figures.
	Name string `yaml:"name" required:"true"`
	// Region is the five-digit code, in quotes, of the prefecture or municipality; "00000" for the nation.
	Region string `yaml:"region" required:"true"`
	// Definition is the id of the definition that the target is set by: one of those counted by.
	Definition string `yaml:"definition" required:"true"`
	// Measure is what is counted: persons, persons with regular contact to some municipality of the region, or pairs of person and municipality.
	Measure string `yaml:"measure" default:"persons" allowed:"persons persons_any_municipality pairs"`
	// Outside is the rule of living outside the region: one of those counted by.
	Outside string `yaml:"outside" default:"prefecture" allowed:"prefecture municipality everyday_area"`
	// By is when the target is to be met: by the end of a month, or of a fiscal year, which ends with March of the year after.
	By Due `yaml:"by" required:"true"`
	// Value is the number that is to be reached.
	Value int `yaml:"value" required:"true" least:"1"`
}

// Due is the last day by which something is due.
type Due struct{ Day schemas.Date }

// setText reads 2031-03, or FY2030, whose last day is 31 March 2031.
func (d *Due) setText(text string) bool {
	if year, ok := strings.CutPrefix(text, "FY"); ok {
		y, err := strconv.Atoi(year)
		if err != nil || len(year) != len("2030") {
			return false
		}
		text = fmt.Sprintf("%04d-03", y+1)
	}
	first, ok := monthOrDay(text)
	if !ok || len(text) != len("2031-03") {
		return false
	}
	d.Day = first.MonthEnd()
	return true
}

func (d *Due) wanted() schemas.Text {
	return say("年月（例: 2031-03）か年度（例: FY2030、2031年3月末まで）", "a month such as 2031-03, or a fiscal year such as FY2030, which ends with March 2031")
}

// String is the day as YYYY-MM-DD.
func (d Due) String() string { return d.Day.String() }

// level is the level of the target's region, by its code.
func (t Target) level() string {
	switch {
	case t.Region == schemas.Nation:
		return schemas.LevelNation
	case strings.HasSuffix(t.Region, "000"):
		return schemas.LevelPrefecture
	}
	return schemas.LevelMunicipality
}

// checkTargets wants a name for each, and regions, rules and measures that have figures.
func (c *Config) checkTargets(add addProblem) {
	named := map[string]int{}
	for i, t := range c.Targets {
		at := fmt.Sprintf("targets[%d]", i)
		if j, twice := named[t.Name]; twice {
			add(at+".name", say("%q は targets[%d] でも使われています", "%q is the name of targets[%d] too", t.Name, j), say("目標ごとに別の名前", "a name of its own for each target"))
		}
		named[t.Name] = i
		if !isCode(t.Region) {
			add(at+".region", say("%q は地域コードではありません", "%q is not a region code", t.Region), say("5桁の地域コード（引用符で囲む）", "five digits in quotes"))
			continue
		}
		if measures := estimate.Measures(t.level()); !slices.Contains(measures, t.Measure) {
			list := strings.Join(measures, ", ")
			add(at+".measure", say("地域 %[2]s に %[1]s はありません", "there are no %s of the region %s", t.Measure, t.Region), say("%s", "%s", list))
		}
		if !slices.Contains(c.Outside, t.Outside) {
			list := strings.Join(c.Outside, ", ")
			add(at+".outside", say("%s では数えません。outside に加えるか、次から選んでください", "%s is not counted by: add it to outside, or name one that is", t.Outside), say("%s", "%s", list))
		}
	}
}

// targetProblems are targets of regions for which no figures are made.
func (r *Run) targetProblems() Problems {
	if len(r.Config.Targets) == 0 {
		return nil
	}
	var problems Problems
	add := func(path string, found, wanted schemas.Text) {
		problems = append(problems, &Error{Code: ExitMisused, Where: r.Config.At(path), Found: schemas.Text{JA: path + ": " + found.JA, EN: path + ": " + found.EN}, Wanted: wanted})
	}
	for i, t := range r.Config.Targets {
		r.checkTargetRegion(add, fmt.Sprintf("targets[%d].region", i), t)
	}
	return problems
}

// checkTargetRegion wants a present region for which figures are made.
func (r *Run) checkTargetRegion(add addProblem, at string, t Target) {
	wanted := len(r.Config.Regions)
	if t.Region == schemas.Nation {
		if wanted > 0 && wanted < 47 {
			add(at, say("全国の値は、47都道府県すべてを推計するときだけ出ます", "the nation has figures only where all 47 prefectures have"), say("regions を書かないか、47都道府県", "regions left out, or all 47"))
		}
		return
	}
	if region, ok := r.Regions.Region(t.Region, r.vintage()); !ok || region.RegionLevel == schemas.LevelWard {
		add(at, say("%s は %s の都道府県・市町村のコードではありません", "%s was not the code of a prefecture or municipality on %s", t.Region, r.vintage()), say("その日のコード（regions の表を参照）", "a code of that day, as in the table regions"))
		return
	}
	if prefecture := t.Region[:2] + "000"; wanted > 0 && !slices.Contains(r.Config.Regions, prefecture) {
		add(at, say("%s の県 %s は regions にありません", "%s lies in %s, which regions does not list", t.Region, prefecture), say("%s の地域。または regions に加える", "a region of %s; or add it to regions", strings.Join(r.Config.Regions, ", ")))
	}
}

// targets are those of kankei.yaml.
func (r *Run) targets() []estimate.Target {
	var all []estimate.Target
	for _, t := range r.Config.Targets {
		all = append(all, estimate.Target{Name: t.Name, Definition: t.Definition, Measure: t.Measure, Outside: t.Outside,
			RegionCode: t.Region, RegionLevel: t.level(), DueOn: t.By.Day, Value: int64(t.Value)})
	}
	return all
}
