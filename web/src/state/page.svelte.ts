/** The page as the address says it. Everything that changes what is shown goes through `set` or `go`. */
import type { Lang } from '../api/types'
import { preferredLang } from '../i18n/text'
import { emptyState, formatState, parseState, type PageState } from './url'

/** Pages on which work is done, which is always in the present. */
const PRESENT = ['/desk/suit', '/field']

class Page {
  path = $state(location.pathname)
  state = $state.raw<PageState>(parseState(location.search))
  /** Filters before each change, for "undo last". */
  private past = $state.raw<PageState['filters'][]>([])

  readonly lang: Lang = $derived(this.state.lang ?? preferredLang(navigator.languages))
  readonly canUndo = $derived(this.past.length > 0)

  constructor() {
    addEventListener('popstate', () => this.read())
  }

  /** Changes part of the state. `replace` is for what the visitor would not want to go back through, such as map moves. */
  set(patch: Partial<PageState>, replace = false) {
    const next = { ...this.state, ...patch }
    if (patch.filters && JSON.stringify(patch.filters) !== JSON.stringify(this.state.filters))
      this.past = [...this.past.slice(-19), this.state.filters]
    this.write(this.path, next, replace, location.hash)
  }

  undo() {
    const filters = this.past.at(-1)
    if (!filters) return
    this.past = this.past.slice(0, -1)
    this.write(this.path, { ...this.state, filters }, false, '')
  }

  go(path: string, state: PageState = { ...emptyState(), lang: this.state.lang }, hash = '') {
    this.write(path, state, false, hash)
    scrollTo(0, 0)
  }

  /** Address of a path that keeps the language, and the point in the past where the page has one. */
  href(path: string, state: Partial<PageState> = {}): string {
    const asOf = PRESENT.includes(path) ? null : this.state.asOf
    return path + formatState({ ...emptyState(), lang: this.state.lang, asOf, ...state })
  }

  /** Follows a link of our own without loading the page anew. */
  follow = (event: MouseEvent) => {
    const link = (event.target as Element).closest('a')
    if (!link || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute('download')) return
    const url = new URL(link.href)
    if (url.origin !== location.origin || !isOurs(url.pathname)) return
    if (url.hash && url.pathname === location.pathname) return
    event.preventDefault()
    this.go(url.pathname, parseState(url.search), url.hash)
  }

  /** What stands behind `#` belongs to the page itself; a change of language must not lose it. */
  private write(path: string, state: PageState, replace: boolean, hash: string) {
    const url = path + formatState(state) + hash
    if (url !== location.pathname + location.search + location.hash)
      history[replace ? 'replaceState' : 'pushState'](null, '', url)
    this.path = path
    this.state = state
  }

  private read() {
    this.path = location.pathname
    this.state = parseState(location.search)
  }
}

function isOurs(path: string): boolean {
  return ['/', '/field', '/shortlist'].includes(path) || /^\/(c\/|desk(\/|$))/.test(path)
}

export const page = new Page()
