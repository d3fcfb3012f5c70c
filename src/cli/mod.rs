//! The command line: arguments and environment in, one use case called, an exit status out.
//!
//! One file per subcommand. Only this floor reads the environment and decides how the process ends. Exit status 0: all done. 1: partly done (rows
//! refused by an import, faults found by a check). 2: nothing done (wrong use, refused, failed). A failure is one line on standard error that says
//! what to do.
mod account;
mod campaign;
mod catalogue;
mod demo;
mod export;
mod flags;
mod import;
mod logs;
mod openapi;
mod place;
mod serve;
mod store;
mod suit;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a subcommand did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// All of it.
    All,
    /// A part of it.
    Partly,
    /// Nothing of it.
    Nothing,
}

/// The inventory of a development zone's industrial land and factory buildings.
#[derive(Parser)]
#[command(
    name = "zaiti",
    version,
    max_term_width = 120,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Exit status: 0 all done; 1 partly done (rows refused, faults found); 2 nothing done (wrong use, refused, failed).")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the web app and the HTTP API
    Serve(Box<serve::Serve>),
    /// Add, list and disable accounts
    #[command(subcommand)]
    Account(account::Account),
    /// Make a token for a program
    Token(token::Token),
    /// Bring the rows of a file into a collection
    Import(Box<import::Import>),
    /// Write records to a file
    Export(export::Export),
    /// Rank carriers for a project
    Suit(suit::Suit),
    /// Launch and look at survey campaigns
    #[command(subcommand)]
    Campaign(campaign::Campaign),
    /// Check a catalogue
    #[command(subcommand)]
    Catalogue(catalogue::Catalogue),
    /// Load or generate the invented demo park
    #[command(subcommand)]
    Demo(demo::Demo),
    /// Print the OpenAPI document
    Openapi(openapi::OpenApi),
    /// Look after a store
    #[command(subcommand)]
    Store(store::Store),
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(arguments.command) {
        Ok(Done::All) => ExitCode::SUCCESS,
        Ok(Done::Partly) => ExitCode::from(1),
        Ok(Done::Nothing) => ExitCode::from(2),
        Err(failure) => {
            say(&format!("zaiti: {failure:#}"));
            ExitCode::from(2)
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::Serve(serve) => serve.run(),
        Command::Account(account) => account.run(),
        Command::Token(token) => token.run(),
        Command::Import(import) => import.run(),
        Command::Export(export) => export.run(),
        Command::Suit(suit) => suit.run(),
        Command::Campaign(campaign) => campaign.run(),
        Command::Catalogue(catalogue) => catalogue.run(),
        Command::Demo(demo) => demo.run(),
        Command::Openapi(openapi) => openapi.run(),
        Command::Store(store) => store.run(),
    }
}

/// One line for people who watch, on standard error.
#[expect(clippy::print_stderr, reason = "the command line speaks to people")]
fn say(line: &str) {
    eprintln!("{}", printable(line));
}

/// One line of the result, on standard output. A reader that went away (`| head`) is no fault.
fn print(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{}", printable(line));
}

/// Names and values of foreign files come into what is said: they must not steer a terminal.
fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if steers(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_said_steers_no_terminal() {
        assert_eq!(super::printable("地块\t\u{1b}[2J\u{9b}\n"), "地块\t\\u{1b}[2J\\u{9b}\n");
    }
}
