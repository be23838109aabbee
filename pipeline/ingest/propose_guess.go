package ingest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// guess finds what a column could fill, and its fate as long as no other column
// wants the same.
func (p *Proposal) guess(c *ProposedColumn) {
	scores := p.words.of(p.words.names, c.Header)
	if c.Region > 0 {
		scores = p.words.of(p.words.ties, lastPart(firstNumber.ReplaceAllString(c.Header, "")))
	}
	wholeOrPart(scores, c.seen)
	for target, score := range scores {
		if confidence := int(float64(score)*p.fit(target, c.seen) + 0.5); confidence > 0 {
			c.Guesses = append(c.Guesses, Guess{target, confidence})
		}
	}
	person := slices.Contains(ofPersons, proposedDatasets[p.Kind][0]) && p.identifies(c)
	slices.SortFunc(c.Guesses, func(a, b Guess) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), strings.Compare(a.Target, b.Target))
	})
	switch {
	case len(c.Guesses) == 0:
	case person:
		c.Fate = asked
	case !p.decided(c):
		c.Fate = undecided
	default:
		c.Fate = placed
	}
}

// identifies says whether a column may identify persons, by a guess, by what its
// values look like, or by a word in its heading; the last two are added to the guesses.
func (p *Proposal) identifies(c *ProposedColumn) bool {
	has := func(target string) bool {
		return slices.ContainsFunc(c.Guesses, func(g Guess) bool { return g.Target == target })
	}
	person := slices.ContainsFunc(identifiers, has)
	for l, target := range map[look]string{lookEmail: "email", lookPhone: "phone"} {
		if c.seen.share(l) >= 0.5 && !has(target) {
			c.Guesses = append(c.Guesses, Guess{target, int(60 * c.seen.share(l))})
			person = true
		}
	}
	if target := identifying(c.Header); !person && target != "" && p.fit(target, c.seen) > 0 {
		c.Guesses = append(c.Guesses, Guess{target, 60})
		person = true
	}
	return person
}

// wholeOrPart decides by the values between an address and the name of a
// municipality, where a heading stands for either.
func wholeOrPart(scores map[string]int, s *seen) {
	for _, of := range []string{"region.", "residence."} {
		if scores[of+"address"] == 0 || scores[of+"municipality"] == 0 {
			continue
		}
		if s.share(lookMunicipality) >= 0.5 {
			delete(scores, of+"address")
		} else {
			delete(scores, of+"municipality")
		}
	}
}

// identifying is the identifier that a word in a heading suggests, "" if none.
// It is asked about, never taken, so a word is enough.
func identifying(heading string) string {
	folded := foldHeader(heading)
	for _, of := range personWords {
		if of.pattern.MatchString(folded) {
			return of.target
		}
	}
	return ""
}

var personWords = []struct {
	target  string
	pattern *regexp.Regexp
}{
	{"email", regexp.MustCompile(`メール|e-?mail`)},
	{"phone", regexp.MustCompile(`電話|携帯|連絡先|phone|\btel\b|mobile`)},
	{"kana", regexp.MustCompile(`カナ|かな|ふりがな|フリガナ|カタカナ|kana`)},
	{"member_id", regexp.MustCompile(`会員(番号|id|no|コード)|member ?(id|no|number)`)},
	{"birth_date", regexp.MustCompile(`生年月日|誕生日|birth ?day|birth ?date|date of birth`)},
	{"birth_year", regexp.MustCompile(`生まれ|生年|出生年|birth|born`)},
	{"name", regexp.MustCompile(`氏名|(お|御)名前|(宿泊|予約|申込|代表|利用|回答|参加)者(名|$)|お客様(名|$)|(guest|first|last|full|booker) ?name|宿泊代表|^guest(\(s\))?$|^名前$`)},
}

// decided says whether the first guess is good enough: well ahead of any other,
// and not of a place that may be home or destination alike.
func (p *Proposal) decided(c *ProposedColumn) bool {
	first := c.Guesses[0]
	if first.Confidence < enough || len(c.Guesses) > 1 && c.Guesses[1].Confidence > first.Confidence-margin {
		return false
	}
	located := targets[first.Target].kind == placeValue && generic.MatchString(compact(c.Header))
	either := slices.Contains([]string{"survey", "visit", "act", "move"}, p.Kind)
	return c.Region > 0 || !located || !either
}

// fit is how well the values of a column go with a target, from 0 to 1.
func (p *Proposal) fit(target string, s *seen) float64 {
	t := targets[target]
	if s.filled == 0 {
		return 0.85 // the heading alone speaks, and nothing would be read wrongly
	}
	share := p.readable(target, t, s)
	if share < 0.6 {
		return 0
	}
	return share
}

// readable is the share of the values that a target can be read from.
func (p *Proposal) readable(target string, t target, s *seen) float64 {
	switch t.kind {
	case dateValue, instantValue:
		if target == "period" || target == "related_since" {
			return max(s.share(lookDate), s.share(lookYear), s.share(lookPeriod))
		}
		return s.share(lookDate)
	case countValue:
		if target == "birth_year" || target == "since_year" {
			return s.share(lookYear)
		}
		return max(s.share(lookCount), p.translated(target, s))
	case numberValue:
		if s.share(lookDate) > 0.5 && s.share(lookYear) < 0.5 {
			return 0
		}
		return s.share(lookNumber)
	case codeValue, boolValue, setValue:
		return p.coded(target, t, s)
	case placeValue:
		return min(1, placeLike(target, s)*1.25)
	}
	return textLike(target, s)
}

// coded is the share of the texts of a column that mean a code of a target.
// Words that nobody has met yet are no objection to a heading that is known; a
// column of dates or numbers is.
func (p *Proposal) coded(target string, t target, s *seen) float64 {
	known := p.translated(target, s)
	if t.kind == boolValue {
		known = max(known, s.share(lookYesNo))
		if target == "cancelled" {
			known = max(known, s.share(lookDate))
		}
		return known
	}
	if s.share(lookNumber) > 0.5 && known < 0.5 || s.share(lookDate) > 0.5 || s.share(lookPhone) > 0.2 || s.share(lookEmail) > 0.2 {
		return 0
	}
	return max(known, 0.8)
}

// translated is the share of values that some mapping translates for a target,
// of choices where a cell has several.
func (p *Proposal) translated(target string, s *seen) float64 {
	n := 0
	for text, times := range s.words {
		if code := p.words.codes[target][foldHeader(text)]; code != "" || slices.Contains(targets[target].codes, foldHeader(text)) {
			n += times
		}
	}
	return float64(n) / float64(max(s.filled, 1))
}

// placeLike is the share of the values that name a place in the way of a target.
func placeLike(target string, s *seen) float64 {
	_, part, _ := strings.Cut(target, ".")
	switch part {
	case "code":
		return s.share(lookRegionCode)
	case "prefecture":
		return s.share(lookPrefecture)
	case "municipality":
		return s.share(lookMunicipality)
	case "postcode":
		return s.share(lookPostcode)
	case "country":
		return s.share(lookCountry)
	}
	return s.share(lookAddress)
}

// textLike says whether values could be the texts of a target: 0 where they are
// plainly something else.
func textLike(target string, s *seen) float64 {
	switch target {
	case "email":
		return s.share(lookEmail)
	case "phone":
		return s.share(lookPhone)
	case "kana":
		return max(s.share(lookKana), 0.7)
	}
	if s.share(lookDate) > 0.5 || s.share(lookPhone) > 0.3 || s.share(lookEmail) > 0.3 {
		return 0
	}
	if (target == "name" || target == "platform") && s.share(lookNumber) > 0.5 {
		return 0
	}
	return 0.95
}
