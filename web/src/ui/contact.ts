/** Address of a contact as an operator writes it: a page, a mail address or a telephone number. */
export function contactHref(contact: string): string {
  if (/^(https?:|mailto:|tel:)/.test(contact)) return contact
  return contact.includes('@') ? `mailto:${contact.trim()}` : `tel:${contact.replace(/[^+\d]/g, '')}`
}
