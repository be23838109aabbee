package ingest

func (f *File) openParquet(in *input) error { return nil }
