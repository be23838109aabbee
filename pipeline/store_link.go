package pipeline

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/kankei/kankei/transforms/link"
)

// applyLinks brings the persons up to date with the identities: new identities
// come in, those no row has any more go out, and whoever shares a token with
// either is linked anew. The persons that changed, old and new, are left for
// visit.
func (s *store) applyLinks(ctx context.Context, now []landed, sharedBy int) error {
	whole, err := s.count(ctx, "SELECT count(*) FROM unlinked")
	if err != nil {
		return err
	}
	pending, err := s.count(ctx, "SELECT count(*) FROM pending_identity")
	if err != nil || whole+pending == 0 {
		return err
	}
	return s.inTransaction(ctx, func() error {
		if err := s.temp(ctx, "linkage", fmt.Sprintf("SELECT %d AS shared_by", sharedBy)); err != nil {
			return err
		}
		if whole > 0 {
			return s.linkAll(ctx, now)
		}
		return s.linkPending(ctx)
	})
}

// linkAll links every identity of an empty store.
func (s *store) linkAll(ctx context.Context, now []landed) error {
	if err := s.scanTokens(ctx, "landed_tokens", now); err != nil {
		return err
	}
	if err := s.temp(ctx, "candidate", link.Identities); err != nil {
		return err
	}
	if err := s.exec(ctx, "DELETE FROM identity", "DELETE FROM hub", "INSERT INTO identity BY NAME SELECT * FROM candidate"); err != nil {
		return err
	}
	if err := s.view(ctx, "hub_candidate", "SELECT email, phone FROM candidate"); err != nil {
		return err
	}
	if err := s.fill(ctx, "hub", link.Hubs); err != nil {
		return err
	}
	if err := s.components(ctx); err != nil {
		return err
	}
	return s.exec(ctx, "DELETE FROM identity", "INSERT INTO identity BY NAME SELECT * FROM linked",
		"DELETE FROM unlinked", "DELETE FROM pending_identity",
		"DROP TABLE candidate", "DROP TABLE node", "DROP TABLE linked")
}

// linkPending links the pending identities, whoever shares a token with them,
// and all identities of the persons these were. No identity outside that set
// shares a linking token with it: it would have been the same person before, or
// the token's standing as a hub has changed, and then the token is pending too.
// A hub stays one when names come in, so that only those that go out make its
// many identities pending; a name without a birth year links nobody.
func (s *store) linkPending(ctx context.Context) error {
	if err := s.exec(ctx,
		`CREATE OR REPLACE TEMP TABLE arrived AS
			SELECT DISTINCT identity, member, email, phone, name, name_dated FROM pending_identity WHERE NOT departed`,
		`CREATE OR REPLACE TEMP TABLE departed AS
			SELECT i.* FROM identity i WHERE i.identity IN (SELECT identity FROM pending_identity WHERE departed)
			                             AND i.identity NOT IN (SELECT identity FROM arrived)`,
		`CREATE OR REPLACE TEMP TABLE pending_token AS
			SELECT member, CASE WHEN email NOT IN (SELECT token FROM hub WHERE kind = 'email') THEN email END AS email,
			       CASE WHEN phone NOT IN (SELECT token FROM hub WHERE kind = 'phone') THEN phone END AS phone,
			       CASE WHEN name_dated THEN name END AS name
			FROM arrived a ANTI JOIN identity i ON i.identity = a.identity
			UNION ALL SELECT member, email, phone, CASE WHEN name_dated THEN name END FROM departed`,
		`CREATE OR REPLACE TEMP TABLE touched AS
			SELECT identity, person FROM identity i
			WHERE i.identity IN (SELECT identity FROM pending_identity)
			   OR i.member IN (SELECT member FROM pending_token WHERE member IS NOT NULL)
			   OR i.email IN (SELECT email FROM pending_token WHERE email IS NOT NULL)
			   OR i.phone IN (SELECT phone FROM pending_token WHERE phone IS NOT NULL)
			   OR (i.name_dated AND i.name IN (SELECT name FROM pending_token WHERE name IS NOT NULL))`,
		`CREATE OR REPLACE TEMP TABLE linked_before AS
			SELECT * FROM identity i
			WHERE i.identity IN (SELECT identity FROM touched)
			   OR i.person IN (SELECT person FROM touched WHERE person IS NOT NULL)`,
		`CREATE OR REPLACE TEMP TABLE candidate AS
			SELECT identity, member, email, phone, name, name_dated FROM arrived
			UNION SELECT identity, member, email, phone, name, name_dated FROM linked_before
			      WHERE identity NOT IN (SELECT identity FROM departed)`,
		`DELETE FROM identity WHERE identity IN (SELECT identity FROM departed)`,
		`INSERT INTO identity BY NAME SELECT *, CAST(NULL AS BIGINT) AS person FROM arrived a ANTI JOIN linked_before b ON b.identity = a.identity`,
		`CREATE OR REPLACE TEMP TABLE hub_candidate AS SELECT email, phone FROM arrived UNION SELECT email, phone FROM departed`,
		`DELETE FROM hub h WHERE (h.kind, h.token) IN (
			SELECT ('phone', phone) FROM hub_candidate UNION ALL SELECT ('email', email) FROM hub_candidate)`,
	); err != nil {
		return err
	}
	if err := s.fill(ctx, "hub", link.Hubs); err != nil {
		return err
	}
	if err := s.components(ctx); err != nil {
		return err
	}
	return s.exec(ctx,
		`CREATE OR REPLACE TEMP TABLE relinked AS
			SELECT coalesce(b.identity, l.identity) AS identity, b.person AS old, l.person AS new,
			       b.identity IS NOT NULL AND b.person IS DISTINCT FROM l.person AS moved
			FROM linked l FULL JOIN linked_before b ON b.identity = l.identity`,
		`DELETE FROM identity WHERE identity IN (SELECT identity FROM relinked WHERE old IS DISTINCT FROM new)`,
		`INSERT INTO identity BY NAME SELECT * FROM linked WHERE identity IN (SELECT identity FROM relinked WHERE old IS DISTINCT FROM new)`,
		// An identity that moves takes its history with it.
		`INSERT INTO pending_person
			SELECT person, bool_or(moved) AS whole FROM (
				SELECT UNNEST([old, new]) AS person, moved FROM relinked
				WHERE old IS DISTINCT FROM new OR identity IN (SELECT identity FROM pending_identity))
			WHERE person IS NOT NULL
			GROUP BY person`,
		"DELETE FROM pending_identity")
}

// components links the candidates: the edges between them are gathered in Go,
// and each component's person is its least identity.
func (s *store) components(ctx context.Context) error {
	if err := s.temp(ctx, "node", link.Nodes); err != nil {
		return err
	}
	n, err := s.count(ctx, "SELECT count(*) FROM node")
	if err != nil {
		return err
	}
	joined := link.NewComponents(int(n))
	for scan, err := range s.rows(ctx, link.Edges) {
		var root, node uint32
		if err == nil {
			err = scan(&root, &node)
		}
		if err != nil {
			return err
		}
		joined.Join(root, node)
	}
	if err := s.exec(ctx, "CREATE OR REPLACE TEMP TABLE joined (node INTEGER NOT NULL, root INTEGER NOT NULL)"); err != nil {
		return err
	}
	err = s.appendRows(ctx, "joined", func(yield func([]driver.Value) bool) {
		row := make([]driver.Value, 2)
		for node := range uint32(joined.Len()) {
			if root := joined.Root(node); root != node {
				row[0], row[1] = int32(node), int32(root)
				if !yield(row) {
					return
				}
			}
		}
	})
	if err != nil {
		return err
	}
	return s.temp(ctx, "linked", `
		SELECT c.identity, c.member, c.email, c.phone, c.name, c.name_dated,
		       CASE WHEN n.tells_a_person THEN coalesce(r.identity, n.identity) END AS person
		FROM candidate c JOIN node n ON n.identity = c.identity
		LEFT JOIN joined j ON j.node = n.node LEFT JOIN node r ON r.node = j.root`)
}
