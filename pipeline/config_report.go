package pipeline

import (
	"errors"
	"os"
	"strings"

	"github.com/kankei/kankei/pipeline/publish/report"
	"github.com/kankei/kankei/schemas"
)

// ReportSettings are what the report of a release (report/index.html) is drawn
// with.
type ReportSettings struct {
	// Map is a TopoJSON file in the project with the shapes of municipalities, in degrees of longitude and latitude. Left out: the report has a map of prefectures alone.
	Map string `yaml:"map"`
	// Property is the property of a shape that holds its region code, of five digits or of six with the check digit. Shapes of one code are one region.
	Property string `yaml:"property" default:"N03_007"`
	// Credit is whom the shapes come from, as the report is to name them.
	Credit string `yaml:"credit"`
}

// checkReport wants a map where the rest of report says something of it.
func (c *Config) checkReport(add addProblem) {
	c.checkPath(add, "report.map", c.Report.Map)
	if c.Report.Map == "" && c.Report.Credit != "" {
		add("report.credit", say("地図（report.map）がありません", "there is no report.map to credit"), schemas.Text{})
	}
}

// reportMap reads the shapes of municipalities; nil where the project has none.
func (p *Project) reportMap() (*report.Map, error) {
	settings := p.Config.Report
	if settings.Map == "" {
		return nil, nil
	}
	f, err := os.Open(p.Path(settings.Map))
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: p.Config.At("report.map"), Found: say("地図を読めません", "the map cannot be read"), Err: err}
	}
	defer f.Close()
	shapes, err := report.ReadTopology(f, settings.Property, settings.Credit)
	var none *report.NoCodesError
	switch {
	case err == nil:
		return shapes, nil
	case errors.As(err, &none):
		list := strings.Join(none.Properties, ", ")
		return nil, &Error{Code: ExitMisused, Where: p.Config.At("report.property"),
			Found:  say("%s の図形の属性 %q に地域コードがありません", "no shape of %s has a region code in its property %q", settings.Map, settings.Property),
			Wanted: say("%s", "%s", list)}
	case errors.Is(err, report.ErrBadArcs):
		return nil, &Error{Code: ExitMisused, Where: settings.Map, Found: say("図形が、ない線（arcs）を指しています", "its shapes name arcs that are not there"), Err: err,
			Do: say("地図を作り直すか、もう一度取得してください", "make the map anew, or fetch it again")}
	}
	return nil, &Error{Code: ExitMisused, Where: settings.Map, Found: say("TopoJSON として読めません", "is not TopoJSON"), Err: err,
		Wanted: say("type が Topology の JSON", `JSON whose type is "Topology"`)}
}
