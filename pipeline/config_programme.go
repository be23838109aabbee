package pipeline

import (
	"fmt"

	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/transforms/convert"
)

// Programme is a programme that municipalities began in some month, such as one for workation:
// municipalities with it are compared with those without, years before and after. Entries of
// one name are one programme that began in different years.
type Programme struct {
	// Name is the name of the programme in figures. Several entries may have it.
	Name string `yaml:"name" required:"true"`
	// Regions are the five-digit codes, in quotes, of the municipalities as of the month since, or of prefectures for all of theirs. They follow boundary_vintage: a town that joined another by then is that one.
	Regions []string `yaml:"regions" required:"true"`
	// Since is the month in which they began it.
	Since Month `yaml:"since" required:"true"`
	// Purposes are those of acts and stays that tell who took part. All programmes' purposes together say it of persons; an act without a purpose counts, too.
	Purposes []string `yaml:"purposes" default:"participation telework direct_contribution" allowed:"leisure participation telework local_work direct_contribution business kin commute other"`
}

// Month is a month, by its first day.
type Month struct{ Day schemas.Date }

// setText reads 2024-04.
func (m *Month) setText(text string) bool {
	first, ok := monthOrDay(text)
	if !ok || len(text) != len("2024-04") {
		return false
	}
	m.Day = first
	return true
}

func (m *Month) wanted() schemas.Text {
	return say("年月（例: 2024-04）", "a month such as 2024-04")
}

// String is the month as YYYY-MM.
func (m Month) String() string { return m.Day.String()[:len("2024-04")] }

// Day is a day.
type Day struct{ Date schemas.Date }

// setText reads 2020-04-01.
func (d *Day) setText(text string) bool {
	day, err := schemas.ParseDate(text)
	d.Date = day
	return err == nil
}

func (d *Day) wanted() schemas.Text {
	return say("日付（例: 2020-04-01）", "a day such as 2020-04-01")
}

// String is the day as YYYY-MM-DD, ” where none is given.
func (d Day) String() string {
	if d.Date == 0 {
		return ""
	}
	return d.Date.String()
}

// checkProgrammes wants codes of regions, and a region once in a programme.
func (c *Config) checkProgrammes(add addProblem) {
	type part struct{ name, region string }
	named := map[part]string{}
	for i, p := range c.Programmes {
		for j, region := range p.Regions {
			at := fmt.Sprintf("programmes[%d].regions[%d]", i, j)
			if !isCode(region) || region == schemas.Nation {
				add(at, say("%q は市町村・都道府県のコードではありません", "%q is not the code of a municipality or prefecture", region), say("5桁の地域コード（引用符で囲む）", "five digits in quotes"))
				continue
			}
			if other, twice := named[part{p.Name, region}]; twice {
				add(at, say("%s は %s でも使われています", "%s is in %s too", region, other), say("同じ事業では地域を一度だけ", "a region once in a programme"))
			}
			named[part{p.Name, region}] = at
		}
	}
}

// programmePurposes are the purposes that tell who took part in a programme.
func (c *Config) programmePurposes() schemas.Purpose {
	var set schemas.Purpose
	for _, p := range c.Programmes {
		for _, code := range p.Purposes {
			set |= schemas.PurposeCodes[code]
		}
	}
	if set == 0 {
		return schemas.Participation | schemas.Telework | schemas.DirectContribution
	}
	return set
}

// programmes are those of kankei.yaml, their municipalities those that stand for
// the named ones by the boundaries of the figures: what a code meant in the month
// in which the programme began. A town that joined another is that one, a ward
// its city.
func (r *Run) programmes() []convert.Programme {
	var all []convert.Programme
	for _, p := range r.Config.Programmes {
		of := convert.Programme{Name: p.Name, Since: p.Since.Day}
		for _, region := range p.Regions {
			of.Regions = append(of.Regions, r.boundaries().place(region, p.Since.Day))
		}
		all = append(all, of)
	}
	return all
}

// programmeProblems are codes of programmes that no region has, and those of
// municipalities of which, by the boundaries of the figures, only the prefecture
// is known: that would put all its municipalities into the programme.
func (r *Run) programmeProblems() Problems {
	var problems Problems
	for i, p := range r.Config.Programmes {
		for j, region := range p.Regions {
			at := fmt.Sprintf("programmes[%d].regions[%d]", i, j)
			switch {
			case !r.Regions.Known(region):
				problems = append(problems, r.noRegion(at, region))
			case !isPrefecture(region) && isPrefecture(r.boundaries().place(region, p.Since.Day)):
				problems = append(problems, &Error{Code: ExitMisused, Where: r.Config.At(at),
					Found: say("%[1]s: %[2]s（%[3]s 現在）は、%[4]s の境界ではどの市町村か決められません", "%[1]s: which municipality %[2]s of %[3]s is by the boundaries of %[4]s is not known",
						at, region, p.Since, r.vintage()),
					Do: say("分かれた先のコードを書くか、code_changes で数える先を決めてください", "Name the municipalities it became or was made of, or say in code_changes where it is counted.")})
			}
		}
	}
	return problems
}
