package ingest

import "github.com/kankei/kankei/schemas"

// landAct makes a dated activity for a region of a draft.
func landAct(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"acted_on", schemas.MissingValue}
	}
	region := w.region(d)
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	a := schemas.Act{
		Provenance: at, ActedOn: d.on.v, RegionCode: region, Purposes: int32(d.purposes),
		Residence: w.home(d), Tokens: w.pseudonyms(d),
	}
	if d.id != "" {
		a.Act = w.tokens.Act(w.scope, d.id)
	}
	w.rows.acts = append(w.rows.acts, a)
	w.counts.person(a.Residence, a.Tokens)
	w.counts.spans(d.on.v)
	return fault{}
}

// landMove makes a migration event of a draft; residence is where the mover
// lived before.
func landMove(w *worker, d *draft, at schemas.Provenance) fault {
	if !d.on.ok {
		return fault{"moved_on", schemas.MissingValue}
	}
	region := w.region(d)
	if region == "" {
		return fault{"region.code", schemas.UnknownRegion}
	}
	m := schemas.Move{
		Provenance: at, MovedOn: d.on.v, RegionCode: region, RelatedBefore: w.rows.flags.put(d.relatedBefore),
		Residence: w.home(d), Tokens: w.pseudonyms(d),
	}
	if d.id != "" {
		m.Move = w.tokens.Move(w.scope, d.id)
	}
	w.rows.moves = append(w.rows.moves, m)
	w.counts.person(m.Residence, m.Tokens)
	w.counts.spans(d.on.v)
	return fault{}
}
