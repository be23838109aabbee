package pipeline

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
	"github.com/kankei/kankei/schemas/reference"
)

// check holds the values of a configuration against one another: what the tags
// of single fields cannot say.
func (c *Config) check() Problems {
	var problems Problems
	add := func(path string, found, wanted schemas.Text) {
		found = schemas.Text{JA: path + ": " + found.JA, EN: path + ": " + found.EN}
		problems = append(problems, &Error{Code: ExitMisused, Where: c.At(path), Found: found, Wanted: wanted})
	}
	if c.Key.Create && c.Key.File == "" {
		add("key.create", say("鍵ファイルの場所（key.file）がありません", "there is no key.file to create"), schemas.Text{})
	}
	c.checkPath(add, "key.file", c.Key.File)
	c.checkPath(add, "everyday_area", c.EverydayArea)
	c.checkPath(add, "code_changes", c.CodeChanges)
	c.checkPath(add, "linkage.review", c.Linkage.Review)
	c.checkReport(add)
	c.checkOutside(add)
	for i, code := range c.Regions {
		if !isPrefecture(code) {
			add(fmt.Sprintf("regions[%d]", i), notPrefecture(code), say("\"01000\" から \"47000\" までの5桁のコード", `five digits in quotes, "01000" to "47000"`))
		}
	}
	if _, err := c.Rejects.recipient(); err != nil {
		add("rejects.recipient", say("ageの受取人ではありません", "is no age recipient"), say("age1 で始まる公開鍵一つ（kankei rejects --new-identity で作れます）", "one public key that begins with age1; kankei rejects --new-identity makes one"))
	}
	c.checkSources(add)
	c.checkLists(add)
	c.checkTargets(add)
	c.checkProgrammes(add)
	c.checkDisclosure(add)
	if g := c.Reliability; g.A > g.B || g.B > g.C {
		add("reliability", say("a %v、b %v、c %v の順が逆です", "a is %v, b %v, c %v: out of order", g.A, g.B, g.C), say("a ≦ b ≦ c", "a no more than b, b no more than c"))
	}
	return problems
}

// checkDisclosure wants a reason of a project that asks for fewer than three facilities, and both numbers of the pq rule or none.
func (c *Config) checkDisclosure(add addProblem) {
	const usual = 3
	d := c.Disclosure
	switch {
	case d.Facilities < usual && strings.TrimSpace(d.FewerFacilities) == "":
		add("disclosure.facilities", say("%d では施設が3軒に足りません", "%d is less than three facilities", d.Facilities),
			say("3以上、または理由（disclosure.fewer_facilities）", "3 or more, or why fewer are enough (disclosure.fewer_facilities)"))
	case d.Facilities >= usual && d.FewerFacilities != "":
		add("disclosure.fewer_facilities", say("facilities が3以上のため使われません", "has no use unless facilities is below 3"), schemas.Text{})
	}
	c.checkDetail(add)
	if d := d.Dominance; (d.PriorP > 0) != (d.PriorQ > 0) {
		add("disclosure.dominance", say("prior_p と prior_q の一方だけがあります", "has one of prior_p and prior_q"), say("両方、または両方なし", "both or none"))
	}
}

// checkDetail wants parameters that a mechanism can have, and an outside rule that the project counts by.
func (c *Config) checkDetail(add addProblem) {
	d := c.Disclosure.Detail
	m, asked := d.mechanism()
	if !asked {
		return
	}
	if !slices.Contains(c.Outside, d.Outside) {
		add("disclosure.detail.outside", say("%s は outside にありません", "%s is not in outside", d.Outside), schemas.Text{})
	}
	switch {
	case m.Private() && (d.Epsilon == 0 || d.Budget < d.Epsilon):
		add("disclosure.detail", say("%s には、1回の公表の epsilon と、それ以上の budget が必要です", "%s needs epsilon, of one publication, and a budget of no less", d.Mechanism), schemas.Text{})
	case m.Name == schemas.ControlledRounding && d.Base < c.Disclosure.Persons:
		add("disclosure.detail.base", say("%d では、人数の基準（%d）より小さい値がそのまま出ます", "with %d, numbers below the threshold of %d persons would be told", d.Base, c.Disclosure.Persons),
			say("disclosure.persons 以上", "no less than disclosure.persons"))
	case m.Check() != nil:
		add("disclosure.detail", say("%s の値が範囲の外です", "a parameter of %s is out of range", d.Mechanism),
			say("cell_key は variance < most²/2、discrete_gaussian は delta < 1、epsilon は 0.001 以上", "cell_key: variance below most²/2; discrete_gaussian: delta below 1; epsilon of 0.001 or more"))
	}
}

// checkLists wants two to five lists, each of sources there are, and no source in two.
func (c *Config) checkLists(add addProblem) {
	const most = 5
	if n := len(c.Lists); n == 1 || n > most {
		add("lists", say("リストが %d 個あります", "there are %d lists", n), say("2〜5個のリスト", "two to five lists"))
	}
	in := map[string]string{}
	for i, l := range c.Lists {
		at := fmt.Sprintf("lists[%d].sources", i)
		found := false
		for _, s := range c.Sources {
			if !l.holds(s.Name) {
				continue
			}
			found = true
			if other, twice := in[s.Name]; twice {
				add(at, say("%s は %s にも入っています", "%s is in the list %s too", s.Name, other), say("一つの入力は一つのリスト", "a source in one list"))
			}
			in[s.Name] = l.Name
			switch s.Kind {
			case "booking", "visit", "act", "survey":
			default:
				add(at, say("%s の種類は %s です", "%s is of the kind %s", s.Name, s.Kind), say("人が分かる入力（booking、visit、act、survey）", "sources that tell persons: booking, visit, act, survey"))
			}
		}
		if !found {
			add(at, say("%s に当たる入力がありません", "no source is named %s", strings.Join(l.Sources, ", ")), say("sources の name", "names of sources"))
		}
	}
}

type addProblem func(path string, found, wanted schemas.Text)

// checkPath refuses a path that leaves the project: a project is copied and
// backed up as one folder.
func (c *Config) checkPath(add addProblem, where, name string) {
	if name != "" && !filepath.IsLocal(name) {
		add(where, say("%q はプロジェクトの外を指しています", "%q leaves the project", name),
			say("プロジェクトのフォルダからの相対パス", "a path relative to the project's folder"))
	}
}

// checkOutside wants the table of everyday areas if and only if its rule is asked for.
func (c *Config) checkOutside(add addProblem) {
	asked := false
	for _, rule := range c.Outside {
		asked = asked || rule == schemas.OutsideEverydayArea
	}
	switch {
	case asked && c.EverydayArea == "":
		add("outside", say("everyday_area には生活圏の表（everyday_area）が必要です", "everyday_area needs a table of areas; name it under everyday_area"), schemas.Text{})
	case !asked && c.EverydayArea != "":
		add("everyday_area", say("outside に everyday_area がないため使われません", "has no use unless outside lists everyday_area"), schemas.Text{})
	}
}

func (c *Config) checkSources(add addProblem) {
	first := map[string]int{}
	for i, s := range c.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		if j, twice := first[s.Name]; twice {
			add(at+".name", say("%q は sources[%d] でも使われています", "%q is the name of sources[%d] too", s.Name, j), schemas.Text{})
		} else {
			first[s.Name] = i
		}
		if strings.ContainsFunc(s.Name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' }) {
			add(at+".name", say("%q", "%q", s.Name), say("文字、数字、- 、_", "letters, digits, - and _"))
		}
		c.checkFiles(add, at, s)
		c.checkDelivered(add, at+".delivered", s.Delivered)
		c.checkRegions(add, at, s)
		c.checkSurvey(add, at+".survey", i)
	}
}

// checkSurvey refuses settings that contradict each other.
func (c *Config) checkSurvey(add addProblem, at string, i int) {
	s := c.Sources[i]
	v := s.Survey
	weighted := v.Sampling != ""
	switch {
	case weighted && s.Kind != "survey":
		add(at, say("kind が survey の source だけで使えます", "is for sources of the kind survey"), schemas.Text{})
	case v.Sampling == "onsite" && (len(v.Margins) > 0 || v.NonResponse != "" || v.Trim > 0):
		add(at, say("現地調査は入込客数に合わせます。margins、nonresponse、trim は使えません", "a survey on the spot is scaled to official visitors: it takes no margins, nonresponse or trim"), schemas.Text{})
	case v.Sampling != "onsite" && (v.VisitsTo != "municipality" || v.OfficialError > 0):
		add(at, say("visits_to と official_error は sampling: onsite だけで使えます", "visits_to and official_error are for sampling: onsite"), schemas.Text{})
	case !weighted && (len(v.Margins) > 0 || v.NonResponse != "" || v.Trim > 0):
		add(at+".sampling", say("ウェイトを使うには sampling が必要です", "weights need to know how the sample was drawn"), say("probability、web_panel、onsite のいずれか", "probability, web_panel or onsite"))
	}
	if slices.Contains(v.Margins, "sex_age") && (slices.Contains(v.Margins, "sex") || slices.Contains(v.Margins, "age")) {
		add(at+".margins", say("sex_age は sex と age を含みます", "sex_age holds sex and age already"), schemas.Text{})
	}
	if v.After != "" {
		before := slices.IndexFunc(c.Sources, func(o Source) bool { return o.Name == v.After })
		if before < 0 || before >= i || !c.Sources[before].Survey.weighted() {
			add(at+".after", say("%q は、この前に書かれた、sampling のある調査ではありません", "%q is no survey with sampling that is listed before this one", v.After), schemas.Text{})
		}
	}
	if v.Sampling == "web_panel" && len(v.Margins) == 0 {
		add(at+".margins", say("ウェブパネルの回答者は確率標本ではないため、合わせる人口（margins）が必要です", "the members of a web panel were not drawn: name the margins that make them stand for the population"), schemas.Text{})
	}
}

func (c *Config) checkFiles(add addProblem, at string, s Source) {
	if len(s.Files) == 0 {
		add(at+".files", say("ファイルの指定がありません", "no file is named"), schemas.Text{})
	}
	for j, pattern := range s.Files {
		where := fmt.Sprintf("%s.files[%d]", at, j)
		c.checkPath(add, where, pattern)
		if _, err := path.Match(pattern, ""); err != nil {
			add(where, say("%q はパターンとして読めません", "%q is not a pattern", pattern), say("*、?、[a-z]", "*, ?, [a-z]"))
		}
	}
	if isMappingFile(s.Mapping) {
		c.checkPath(add, at+".mapping", s.Mapping)
	}
}

// checkDelivered wants patterns that can find a time.
func (c *Config) checkDelivered(add addProblem, at string, d StatedTime) {
	for _, p := range []struct{ key, pattern string }{{".name", d.Name}, {".content", d.Content}} {
		if p.pattern != "" && !ingest.CheckStated(p.pattern) {
			add(at+p.key, say("%q では日時を取り出せません", "%q finds no time", p.pattern), say("日時を囲む ( ) のある正規表現", "a regular expression with a group ( ) around the time"))
		}
	}
}

func (c *Config) checkRegions(add addProblem, at string, s Source) {
	wanted := say("5桁の地域コード（引用符で囲む）", "five digits in quotes")
	if s.Region != "" && !isCode(s.Region) {
		add(at+".region", say("%q は地域コードではありません", "%q is not a region code", s.Region), wanted)
	}
	for name, code := range s.Facilities {
		if !isCode(code) {
			add(at+".facilities."+name, say("%q は地域コードではありません", "%q is not a region code", code), wanted)
		}
	}
}

// isMappingFile tells the path of a mapping from the name of a built-in one.
func isMappingFile(mapping string) bool {
	return strings.HasSuffix(mapping, ".yaml") || strings.HasSuffix(mapping, ".yml")
}

// isCode says that s has the form of a five-digit region code.
func isCode(s string) bool {
	return len(s) == 5 && strings.Trim(s, "0123456789") == ""
}

// notPrefecture says that a text is not the code of a prefecture, and which one is meant where a name or two digits tell.
func notPrefecture(s string) schemas.Text {
	meant := strings.TrimSpace(norm.NFKC.String(s))
	switch {
	case len(meant) == 2:
		meant += "000"
	case !isCode(meant):
		meant = reference.Load().Address(meant)
	}
	if !isPrefecture(meant) {
		return say("%q は都道府県コードではありません", "%q is not the code of a prefecture", s)
	}
	return say("%q は都道府県コードではありません。%q のことですか", "%q is not the code of a prefecture; did you mean %q?", s, meant)
}

// isPrefecture says that s is the code of one of the 47 prefectures.
func isPrefecture(s string) bool {
	return isCode(s) && s[2:] == "000" && s >= "01000" && s <= "47000"
}
