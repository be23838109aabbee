package ingest

func looksLikeJSON(head []byte) bool { return false }

func (f *File) openJSON(in *input, head []byte, found encoding) error { return nil }
