/** Counts over a forest of codes. */
import type { CodeNode } from './catalogue'

export interface CodeCount {
  count: number
  total: number
}

/** By code: what has it or one below it. The server counts each carrier at the code that it has. */
export function countsBelow(
  nodes: readonly CodeNode[],
  own: ReadonlyMap<string, CodeCount>,
  into = new Map<string, CodeCount>(),
): Map<string, CodeCount> {
  for (const { code, children } of nodes) {
    countsBelow(children, own, into)
    const all = [own.get(code.code), ...children.map((child) => into.get(child.code.code))]
    const sum = (of: keyof CodeCount) => all.reduce((total, one) => total + (one?.[of] ?? 0), 0)
    into.set(code.code, { count: sum('count'), total: sum('total') })
  }
  return into
}

/** Codes with all below them, in the forest's order, each with its depth. */
export function flattened(nodes: readonly CodeNode[], depth = 0): { node: CodeNode; depth: number }[] {
  return nodes.flatMap((node) => [{ node, depth }, ...flattened(node.children, depth + 1)])
}
