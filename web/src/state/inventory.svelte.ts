/** What the whole app knows of the server: catalogue, settings, viewer, revision and whether it can be reached. */
import * as api from '../api/client'
import type { CatalogueDoc, Settings, Viewer } from '../api/types'
import { Catalogue } from '../catalogue/catalogue'

const NOBODY: Viewer = { role: 'public', account: null, display_name: null }
const NOTHING = {
  revision: 0,
  collections: [],
  groups: [],
  attributes: [],
  lists: {},
  lifecycles: {},
  viewer: NOBODY,
}
/** Revisions that arrive closer together than this are taken as one, milliseconds. */
const GATHER_MS = 300

class Inventory {
  catalogue = $state.raw(new Catalogue(NOTHING))
  settings = $state.raw<Settings>({ base_map: null, title: { zh: '', en: '', de: '' }, contact: null })
  viewer = $state.raw<Viewer>(NOBODY)
  revision = $state(0)
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  online = $state(true)

  readonly loggedIn = $derived(this.viewer.role !== 'public')
  private kept: CatalogueDoc | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  async load() {
    this.phase = this.phase === 'ready' ? 'ready' : 'loading'
    try {
      const [doc, settings] = await Promise.all([api.catalogue(), api.settings().catch(() => this.settings)])
      this.catalogue = new Catalogue(doc.viewer.role === 'public' ? (this.kept ?? doc) : doc)
      this.settings = settings
      this.viewer = doc.viewer
      this.saw(doc.revision)
      this.phase = 'ready'
    } catch {
      if (this.phase !== 'ready') this.phase = 'failed'
    }
  }

  /** Takes what was kept on this device, where the server could not be asked. Its catalogue holds too while nobody is logged in any more. */
  keep(doc: CatalogueDoc, settings: Settings) {
    this.kept = doc
    if (this.phase !== 'ready' || !this.loggedIn) this.catalogue = new Catalogue(doc)
    if (this.phase === 'ready') return
    this.settings = settings
    this.viewer = doc.viewer
    this.saw(doc.revision)
  }

  /** Takes the server's catalogue again in the place of what was kept. */
  async unkeep() {
    this.kept = null
    if (!this.loggedIn) await this.load()
  }

  /** Follows the server's revisions; returns how to stop. */
  follow() {
    addEventListener('offline', () => (this.online = false))
    return api.followRevisions(
      (revision) => {
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.saw(revision), GATHER_MS)
      },
      (online) => (this.online = online),
    )
  }

  saw(revision: number | null | undefined) {
    if (revision && revision > this.revision) this.revision = revision
  }

  async logIn(name: string, password: string) {
    await api.logIn(name, password)
    await this.load()
  }

  /** Logs out, unless the field app holds something of this login on this device: nobody else's would send it. */
  async logOut() {
    const { mayLeave } = await import('../field/leave')
    if (!(await mayLeave(this.viewer.account ?? ''))) return
    await api.logOut()
    await this.load()
  }
}

export const inventory = new Inventory()
