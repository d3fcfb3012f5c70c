/** Putting the app on the home screen, where the browser lets a page ask for it. */

interface InstallEvent extends Event {
  prompt(): Promise<unknown>
}

class Installer {
  private offer = $state.raw<InstallEvent | null>(null)
  readonly isReady = $derived(this.offer !== null)

  constructor() {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault()
      this.offer = event as InstallEvent
    })
    addEventListener('appinstalled', () => (this.offer = null))
  }

  /** Asks once: the browser's offer holds for one question. */
  async ask() {
    const { offer } = this
    this.offer = null
    await offer?.prompt()
  }
}

export const installer = new Installer()
