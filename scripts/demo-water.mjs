// Derives data/demo/base_water.geojson from the npm package @geo-maps/earth-lands-10m (OpenStreetMap contributors, ODbL 1.0).
//
//   cd /tmp && npm pack @geo-maps/earth-lands-10m@0.6.0 && tar xzf geo-maps-earth-lands-10m-0.6.0.tgz
//   node --max-old-space-size=6000 scripts/demo-water.mjs /tmp/package/map.geo.json > data/demo/base_water.geojson
//
// The package was cut into tiles and simplified before it was published, which left steps, notches and lost triangles along the tiles' edges.
// So the land is drawn into a raster, what is not land is water, small pieces are dropped, the field is blurred, and its contour is the shoreline:
// within some 200 m of the source, without its artefacts. Same input, same bytes.
import { readFileSync } from 'node:fs'

const BOX = { west: 120.55, south: 31.55, east: 121.45, north: 32.25 }
const M_PER_DEGREE = { lon: 94_620, lat: 110_870 } // at 31.9 N
const CELL_M = 60
const BLUR_M = 250 // one of three box blurs that together are close to a Gaussian
const LEAST_WATER_M2 = 3_000_000
const LEAST_ISLAND_M2 = 3_000_000
const TOLERANCE_M = 7

const step = { lon: CELL_M / M_PER_DEGREE.lon, lat: CELL_M / M_PER_DEGREE.lat }
const columns = Math.ceil((BOX.east - BOX.west) / step.lon)
const rows = Math.ceil((BOX.north - BOX.south) / step.lat)

const land = JSON.parse(readFileSync(process.argv[2], 'utf8'))
let water = invert(rasterise(land.geometries.flatMap((one) => one.coordinates)))
water = dropSmall(water, 1, LEAST_WATER_M2)
water = dropSmall(water, 0, LEAST_ISLAND_M2)
const field = blur(blur(blur(Float64Array.from(water))))
const rings = contour(field).map((ring) => simplify(ring, TOLERANCE_M)).filter((ring) => ring.length > 8)
write(rings)

/** 1 where a cell's centre is in a polygon, by the even-odd rule. */
function rasterise(polygons) {
  const crossings = Array.from({ length: rows }, () => [])
  for (const polygon of polygons)
    for (const ring of polygon) {
      for (let i = 1; i < ring.length; i++) {
        const [a, b] = ring[i - 1][1] < ring[i][1] ? [ring[i - 1], ring[i]] : [ring[i], ring[i - 1]]
        if (a[1] === b[1] || b[1] < BOX.south || a[1] > BOX.north) continue
        const first = Math.max(0, Math.ceil((a[1] - BOX.south) / step.lat - 0.5))
        const last = Math.min(rows - 1, Math.ceil((b[1] - BOX.south) / step.lat - 0.5) - 1)
        for (let row = first; row <= last; row++) {
          const y = BOX.south + (row + 0.5) * step.lat
          crossings[row].push(a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]))
        }
      }
    }
  const cells = new Uint8Array(rows * columns)
  crossings.forEach((xs, row) => {
    xs.sort((a, b) => a - b)
    for (let i = 0; i + 1 < xs.length; i += 2) {
      const from = Math.max(0, Math.ceil((xs[i] - BOX.west) / step.lon - 0.5))
      const to = Math.min(columns, Math.ceil((xs[i + 1] - BOX.west) / step.lon - 0.5))
      if (from < to) cells.fill(1, row * columns + from, row * columns + to)
    }
  })
  return cells
}

function invert(cells) {
  return cells.map((cell) => 1 - cell)
}

/** Turns connected pieces of `kind` that are smaller than this over. */
function dropSmall(cells, kind, leastM2) {
  const seen = new Uint8Array(cells.length)
  const kept = cells.slice()
  for (let start = 0; start < cells.length; start++) {
    if (seen[start] || cells[start] !== kind) continue
    const piece = [start]
    seen[start] = 1
    for (let i = 0; i < piece.length; i++) {
      const at = piece[i]
      const column = at % columns
      const next = [at - columns, at + columns]
      if (column > 0) next.push(at - 1)
      if (column < columns - 1) next.push(at + 1)
      for (const other of next)
        if (other >= 0 && other < cells.length && !seen[other] && cells[other] === kind) {
          seen[other] = 1
          piece.push(other)
        }
    }
    if (piece.length * CELL_M ** 2 < leastM2) for (const at of piece) kept[at] = 1 - kind
  }
  return kept
}

function blur(cells) {
  const reach = Math.round(BLUR_M / CELL_M)
  const along = (from, count, lines, stride, lineStride) => {
    const to = new Float64Array(from.length)
    for (let line = 0; line < lines; line++)
      for (let i = 0; i < count; i++) {
        let sum = 0
        for (let k = -reach; k <= reach; k++) {
          const at = Math.min(count - 1, Math.max(0, i + k))
          sum += from[line * lineStride + at * stride]
        }
        to[line * lineStride + i * stride] = sum / (2 * reach + 1)
      }
    return to
  }
  return along(along(cells, columns, rows, 1, columns), rows, columns, columns, 1)
}

/** Rings around what is above one half (marching squares), water on the left; outside the box all is land. */
function contour(cells) {
  const value = (column, row) =>
    column < 0 || row < 0 || column >= columns || row >= rows ? 0 : cells[row * columns + column]
  const next = new Map()
  const cross = (a, b) => {
    const t = (0.5 - a.v) / (b.v - a.v)
    return [a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)]
  }
  for (let row = -1; row < rows; row++)
    for (let column = -1; column < columns; column++) {
      const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([dx, dy]) => {
        const [x, y] = [column + dx, row + dy]
        return { x, y, v: value(x, y) }
      })
      const cuts = corners.map((a, i) => [a, corners[(i + 1) % 4]]).filter(([a, b]) => a.v > 0.5 !== b.v > 0.5)
      // Going round, a cut from water to land is where the ring leaves; with two of them each goes to the nearest that follows.
      for (let i = 0; i < cuts.length; i++) {
        const [a, b] = cuts[i]
        if (!(a.v > 0.5)) continue
        const from = cross(...cuts[i])
        const to = cross(...cuts[(i + cuts.length - 1) % cuts.length])
        next.set(key(from), [from, to])
      }
    }
  const rings = []
  while (next.size > 0) {
    const [start] = next.keys()
    const ring = []
    for (let at = start; next.has(at); ) {
      const [from, to] = next.get(at)
      next.delete(at)
      ring.push(from)
      at = key(to)
    }
    rings.push([...ring, ring[0]])
  }
  return rings.map((ring) => ring.map(([x, y]) => [(x + 0.5) * CELL_M, (y + 0.5) * CELL_M]))
}

function key([x, y]) {
  return `${x.toFixed(9)} ${y.toFixed(9)}`
}

/** Douglas and Peucker, metres. */
function simplify(ring, tolerance) {
  const keep = new Uint8Array(ring.length)
  const half = Math.floor(ring.length / 2)
  keep[0] = keep[half] = keep[ring.length - 1] = 1
  const stack = [[0, half], [half, ring.length - 1]]
  while (stack.length > 0) {
    const [from, to] = stack.pop()
    let far = [-1, tolerance]
    for (let i = from + 1; i < to; i++) {
      const distance = distanceTo(ring[i], ring[from], ring[to])
      if (distance > far[1]) far = [i, distance]
    }
    if (far[0] < 0) continue
    keep[far[0]] = 1
    stack.push([from, far[0]], [far[0], to])
  }
  return ring.filter((_, i) => keep[i])
}

function distanceTo([x, y], [ax, ay], [bx, by]) {
  const length = Math.hypot(bx - ax, by - ay)
  if (length === 0) return Math.hypot(x - ax, y - ay)
  return Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
}

/** Outer rings with the islands that lie in them, one feature per body of water. */
function write(rings) {
  const outer = rings.filter((ring) => area(ring) > 0).sort((a, b) => area(b) - area(a))
  const islands = rings.filter((ring) => area(ring) < 0)
  const lines = outer.map((ring, i) => {
    const polygon = [ring, ...islands.filter((island) => contains(ring, island[0]))].map((one) => one.map(toDegrees))
    const geometry = JSON.stringify({ type: 'Polygon', coordinates: polygon })
    return `{"type":"Feature","properties":{"id":"${i + 1}"},"geometry":${geometry}}`
  })
  const head = '{"type":"FeatureCollection","name":"base_water","attribution":"© OpenStreetMap contributors, ODbL 1.0","features":['
  process.stdout.write(`${head}\n${lines.join(',\n')}\n]}\n`)
}

function area(ring) {
  let sum = 0
  for (let i = 1; i < ring.length; i++) sum += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1]
  return sum / 2
}

function contains(ring, [x, y]) {
  let inside = false
  for (let i = 1; i < ring.length; i++) {
    const [[ax, ay], [bx, by]] = [ring[i - 1], ring[i]]
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside
  }
  return inside
}

function toDegrees([x, y]) {
  const round = (value) => Math.round(value * 1e6) / 1e6
  return [round(BOX.west + x / M_PER_DEGREE.lon), round(BOX.south + y / M_PER_DEGREE.lat)]
}
