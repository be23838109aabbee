package pipeline

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"io"
	"os"
	"sync"
)

// manifest is work/manifest.json: under which key each stage last ran to its
// end. It is written after every stage, so that a run that was killed goes on
// with the stage it was in.
type manifest struct {
	Stages map[string]string `json:"stages"`
	// Programs are the digests of the programs that ran the stages. They are
	// part of the keys; here they tell why a stage runs again.
	Programs map[string]string `json:"programs"`
}

func (w Workspace) manifestPath() string { return w.Path("work", "manifest.json") }

// readManifest reads the manifest. One that cannot be read is taken for none:
// every stage runs again and gives the same.
func (w Workspace) readManifest() manifest {
	m := manifest{}
	if err := readJSON(w.manifestPath(), &m); err != nil || m.Stages == nil || m.Programs == nil {
		return manifest{map[string]string{}, map[string]string{}}
	}
	return m
}

// record notes that a stage ran to its end under key.
func (m manifest) record(w Workspace, stage, key string) error {
	program, err := executable()
	if err != nil {
		return err
	}
	m.Stages[stage], m.Programs[stage] = key, program
	return w.ReplaceJSON(w.manifestPath(), m)
}

// executable is the digest of the running program: the content part of Go's
// build id, or the SHA-256 of the file where it carries none. Other code may
// give other results, so it is part of every stage's key.
var executable = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	if id := buildID(path); id != "" {
		return id, nil
	}
	digest, _, err := digestFile(path, nil)
	return digest, err
})

// buildID is the last part of the Go build id in the ELF note of a program,
// which the linker makes from the content of the program; ” where there is none.
func buildID(path string) string {
	f, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	section := f.Section(".note.go.buildid")
	if section == nil {
		return ""
	}
	note, err := section.Data()
	// The note is three words (lengths of name and id, type), the name "Go\0\0", and the id.
	if err != nil || len(note) < 16 {
		return ""
	}
	id := note[16:]
	size := f.ByteOrder.Uint32(note[4:])
	if int(size) > len(id) {
		return ""
	}
	id = id[:size]
	return string(id[bytes.LastIndexByte(id, '/')+1:])
}

// digestFile is the SHA-256 of a file in hex, and its size. progress, if set,
// is told the bytes read so far.
func digestFile(path string, progress func(int64)) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	var size int64
	block := make([]byte, 1<<16)
	for {
		n, err := f.Read(block)
		h.Write(block[:n])
		size += int64(n)
		if progress != nil {
			progress(size)
		}
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), size, nil
		}
		if err != nil {
			return "", 0, err
		}
	}
}
