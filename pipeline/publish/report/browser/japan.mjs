// Writes ../japan.tsv, the map of Japan that the report draws, from the npm package
// @svg-maps/japan: codes of prefectures beside paths in tenths of a unit, so that all
// numbers are integers. `npm run map` runs it when the package changes.
import { writeFileSync } from "node:fs";
import japan from "@svg-maps/japan";

// Prefectures in the order of their codes, 01000 to 47000.
const order = `hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba
tokyo kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka hyogo nara
wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa ehime kochi fukuoka saga nagasaki kumamoto
oita miyazaki kagoshima okinawa`.split(/\s+/);

// Paths have moveto, implied lineto and closepath, all relative.
function tenths(path) {
  let out = "", x = 0, y = 0, px = 0, py = 0, start = [0, 0], first = true;
  for (const token of path.match(/[mz]|-?[\d.]+,-?[\d.]+/g)) {
    if (token === "m") { out += "m"; first = true; continue; }
    if (token === "z") { out += "z"; [x, y] = start; px = Math.round(10 * x); py = Math.round(10 * y); continue; }
    const [dx, dy] = token.split(",").map(Number);
    x += dx; y += dy;
    const nx = Math.round(10 * x), ny = Math.round(10 * y);
    if (first) { start = [x, y]; } else if (nx === px && ny === py) { continue; }
    out += (first || ny - py < 0 && nx - px < 0 ? "" : " ") + (nx - px) + (ny - py < 0 ? "" : ",") + (ny - py);
    if (first) first = false;
    px = nx; py = ny;
  }
  return out;
}

const places = new Map(japan.locations.map((l) => [l.id, l]));
const lines = order.map((id, i) => `${String(i + 1).padStart(2, "0")}000\t${tenths(places.get(id).path)}`);
writeFileSync(new URL("../japan.tsv", import.meta.url), lines.join("\n") + "\n");
