package ingest

import "github.com/kankei/kankei/schemas"

// landAct makes a dated activity for a region of a draft.
func landAct(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"acted_on", schemas.MissingValue}
	}
	region := w.region(d, d.on.v)
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	a := schemas.Act{
		Provenance: at, ActedOn: d.on.v, RegionCode: region, Purposes: int32(d.purposes),
		Residence: w.home(d, d.on.v), Tokens: w.pseudonyms(d),
	}
	if d.id != "" {
		a.Act = w.tokens.Act(w.scope, d.id)
	}
	w.rows.acts = append(w.rows.acts, a)
	w.counts.person(a.Residence, a.Tokens)
	w.counts.dated(d.on.v)
	return fault{}
}

// readsRegister says whether rows of the mapping may be moves known from the register of
// residents.
func (m *Mapping) readsRegister() bool {
	for _, record := range m.Records {
		for _, field := range record.Fields {
			if field.Target == "record" && (field.Const == nil || *field.Const == schemas.RecordRegister) {
				return true
			}
		}
	}
	return false
}

// notPermitted refuses a file of the register of residents whose source does not say on
// what ground it may be matched with other data.
func (j *Job) notPermitted() error {
	return &Refusal{File: j.Rel, Reason: NotPermitted,
		Found: schemas.Text{JA: "住民登録にもとづく転入者の名簿です。", EN: "this is a list of people from the register of residents."},
		Wanted: schemas.Text{JA: "ほかのデータとの突合は、法令または条例の根拠がある場合に限ります。",
			EN: "It may be matched with other data only where a law or an ordinance permits it."},
		Do: schemas.Text{JA: "根拠があれば kankei.yaml のこのソースに permitted: 根拠 と書いてください。なければこのソースを除いてください。",
			EN: "If one does, name it in kankei.yaml as permitted: of this source; if none does, take the source out."}}
}

// landMove makes a migration event of a draft; residence is where the mover
// lived before.
func landMove(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"moved_on", schemas.MissingValue}
	}
	region := w.region(d, d.on.v)
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	m := schemas.Move{
		Provenance: at, MovedOn: d.on.v, RegionCode: region, Record: d.record, BirthYear: w.rows.counts.put(d.birthYear),
		RelatedBefore: w.rows.flags.put(d.relatedBefore), RelatedSince: w.rows.dates.put(d.relatedSince),
		Residence: w.home(d, d.on.v), Tokens: w.pseudonyms(d),
	}
	if m.Record == "" {
		m.Record = schemas.RecordCounterSurvey
	}
	if d.id != "" {
		m.Move = w.tokens.Move(w.scope, d.id)
	}
	w.rows.moves = append(w.rows.moves, m)
	w.counts.person(m.Residence, m.Tokens)
	w.counts.dated(d.on.v)
	return fault{}
}
