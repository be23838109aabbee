package ingest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
)

// BenchmarkLand lands a generated ねっぱん export in CP932: 20 columns, four
// kinds of identifiers, the guests' addresses over the whole country.
func BenchmarkLand(b *testing.B) {
	const rows = 400_000
	path := filepath.Join(b.TempDir(), "bookings.csv")
	size := writeBookings(b, path, rows)
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			b.SetBytes(size)
			before := processorTime(b)
			for b.Loop() {
				job := testJob(b, "neppan", path)
				job.Overrides.Region, job.Threads, job.FileDigest = "30401", threads, "-"
				r := mustLand(b, job)
				if r.RowsLanded != rows {
					b.Fatalf("%d of %d rows landed: %v", r.RowsLanded, rows, r.Rejected)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/float64(b.N)/rows, "cpu-ns/row")
		})
	}
}

// processorTime is the time all processors have spent on this process: unlike
// elapsed time it can be compared on a machine that is busy otherwise.
func processorTime(tb testing.TB) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// writeBookings writes a booking export in CP932 and gives its size.
func writeBookings(tb testing.TB, path string, rows int) int64 {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(japanese.ShiftJIS.NewEncoder().Writer(f))
	fmt.Fprint(w, "予約ID,予約区分,予約番号,チェックイン日,チェックアウト日,申込日,泊数,予約サイト名称,商品プラン名称,室数,"+
		"宿泊者氏名,宿泊者氏名カタカナ,電話番号,郵便番号,住所1,メールアドレス,会員番号,大人人数計,子供人数計,更新日\r\n")
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	family, familyKana := []string{"山田", "佐藤", "鈴木", "高橋", "田中", "渡辺"}, []string{"ヤマダ", "サトウ", "スズキ", "タカハシ", "タナカ", "ワタナベ"}
	given, givenKana := []string{"太郎", "花子", "健一", "由美", "直樹"}, []string{"タロウ", "ハナコ", "ケンイチ", "ユミ", "ナオキ"}
	places := []string{"大阪府大阪市北区", "東京都世田谷区", "京都府京都市左京区", "愛知県名古屋市中区", "兵庫県西宮市", "奈良県生駒市", "北海道札幌市中央区", "福岡県福岡市博多区"}
	for n := range rows {
		fam, giv := r.IntN(len(family)), r.IntN(len(given))
		day, nights := 1+r.IntN(25), 1+r.IntN(3)
		month := 1 + r.IntN(12)
		fmt.Fprintf(w, "%d,%s,RY%09d,2025/%02d/%02d,2025/%02d/%02d,2024/%02d/%02d 10:%02d:05,%d,%s,%s,%d,%s %s,%s %s,090-%04d-%04d,%03d-%04d,%s見本町%d-%d,guest%d@example.jp,M%07d,%d,%d,2024/%02d/%02d 11:%02d:06\r\n",
			700_000_000+n, pick([]string{"予約", "予約", "予約", "変更", "キャンセル"}), n, month, day, month, day+nights, month, day, r.IntN(60), nights,
			pick([]string{"楽天トラベル", "じゃらんnet", "自社HP", "一休.com"}), pick([]string{"早割プラン", "【ポイント10倍】スタンダード", "ワーケーション応援"}), 1+r.IntN(2),
			family[fam], given[giv], familyKana[fam], givenKana[giv], r.IntN(10000), r.IntN(10000), r.IntN(1000), r.IntN(10000),
			pick(places), 1+r.IntN(30), 1+r.IntN(30), r.IntN(1_000_000), r.IntN(10_000_000), 1+r.IntN(4), r.IntN(3), month, day, r.IntN(60))
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return info.Size()
}
