package parquet

// Limits bound what one file may make this process allocate. Zero fields take
// the default, which real files stay far below.
type Limits struct {
	MaxFooter       int64 // bytes of the footer; default 64 MiB
	MaxPage         int64 // bytes of one page, compressed or not; default 128 MiB
	MaxDict         int64 // bytes of one dictionary page; default 256 MiB
	MaxRowGroupRows int64 // rows of one row group; default 1 << 30
	MaxColumns      int   // leaf columns; default 10,000
	MaxRowGroups    int   // row groups; default 1 << 20
}

func (l Limits) withDefaults() Limits {
	const mebi = 1 << 20
	or := func(v *int64, standard int64) {
		if *v <= 0 {
			*v = standard
		}
	}
	or(&l.MaxFooter, 64*mebi)
	or(&l.MaxPage, 128*mebi)
	or(&l.MaxDict, 256*mebi)
	or(&l.MaxRowGroupRows, 1<<30)
	if l.MaxColumns <= 0 {
		l.MaxColumns = 10_000
	}
	if l.MaxRowGroups <= 0 {
		l.MaxRowGroups = 1 << 20
	}
	return l
}
