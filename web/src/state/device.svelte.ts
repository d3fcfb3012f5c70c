/** What is kept on this device and is no part of a link: appearance and shortlist. */
export type Theme = 'auto' | 'light' | 'dark'

function stored(key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

function store(key: string, value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
}

class Device {
  theme = $state<Theme>(asTheme(stored('zaiti.theme')))
  /** For bright sun: black on white, thicker lines. */
  sun = $state(stored('zaiti.sun') === '1')
  shortlist = $state.raw<string[]>(stored('zaiti.shortlist').split(',').filter(Boolean))
  private prefersDark = $state(matchMedia('(prefers-color-scheme: dark)').matches)
  wide = $state(matchMedia('(min-width: 900px)').matches)

  /** What is shown is meant for paper, which is white whatever the screen is. */
  paper = $state(false)

  readonly dark = $derived(
    !this.paper && !this.sun && (this.theme === 'dark' || (this.theme === 'auto' && this.prefersDark)),
  )

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => (this.prefersDark = event.matches))
    matchMedia('(min-width: 900px)').addEventListener('change', (event) => (this.wide = event.matches))
  }

  setTheme(theme: Theme) {
    this.theme = theme
    store('zaiti.theme', theme)
  }

  setSun(sun: boolean) {
    this.sun = sun
    store('zaiti.sun', sun ? '1' : '')
  }

  toggleShortlist(code: string) {
    const has = this.shortlist.includes(code)
    this.shortlist = has ? this.shortlist.filter((one) => one !== code) : [...this.shortlist, code]
    store('zaiti.shortlist', this.shortlist.join(','))
  }
}

function asTheme(text: string): Theme {
  return text === 'light' || text === 'dark' ? text : 'auto'
}

export const device = new Device()
