package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

// ContentDigest is the SHA-256 in hex of what a gzip or zip file holds, by which
// an export is known in whatever wrapping it comes. It is ” for a file that is
// not compressed, a workbook among them, and for one that cannot be unpacked:
// landing refuses that one and says why.
func ContentDigest(path string) (string, error) {
	digest, err := contentDigest(path)
	if refusal := new(Refusal); errors.As(err, &refusal) {
		return "", nil
	}
	return digest, err
}

func contentDigest(path string) (string, error) {
	in, err := newInput(path, Hint{})
	if err != nil {
		return "", err
	}
	if _, err := in.unwrap(Hint{}); err != nil || in.compression == "" {
		return "", err
	}
	s, err := in.open()
	if err != nil {
		return "", err
	}
	defer s.Close()
	h := sha256.New()
	if _, err := io.Copy(h, s); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
