//! A web server for this machine alone, on the loopback address: it shows what is published as any web
//! host would, and carries the desk.
//!
//! Comes in: a port, and what is to be answered. Goes out: answers to pages of this server, and to
//! nobody else's. `guard.rs` says whose requests those are, `folder.rs` which file an address is,
//! `answer.rs` and `ranges.rs` how a file is sent, `reload.rs` how a page learns that it is old.

mod answer;
mod folder;
mod guard;
mod kinds;
mod ranges;
mod reload;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::middleware;

pub(crate) use answer::{file, refused, text};
pub use folder::Folder;
pub use reload::preview;
pub(crate) use reload::{allowing, before_end};

/// The port where no other is asked for.
pub const PORT: u16 = 8017;

/// How often it is looked whether the server is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Something else listens there.
    #[error("port {port} is in use")]
    Taken {
        /// The port.
        port: u16,
    },
    /// The system does not let us listen, or serve.
    #[error("cannot serve on port {port}: {cause}")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        cause: io::Error,
    },
    /// The folder cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl ServeError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            ServeError::Taken { port } => format!(
                "another linernotes may be serving there; choose another with `--port {}`, or any free \
                 one with `--port 0`",
                port.checked_add(1).unwrap_or(PORT)
            ),
            ServeError::Port { .. } => {
                "choose another port with `--port`, 1024 or above, or any free one with `--port 0`"
                    .to_owned()
            }
            ServeError::Folder { .. } => "check the path and the permissions".to_owned(),
        }
    }
}

/// A port that is ours, with nothing answered on it yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    port: u16,
}

impl Server {
    /// Takes a port of the loopback address; 0 is any free one.
    ///
    /// # Errors
    /// If something else has it.
    pub fn bind(port: u16) -> Result<Server, ServeError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).map_err(|cause| match cause.kind() {
            io::ErrorKind::AddrInUse => ServeError::Taken { port },
            _ => ServeError::Port { port, cause },
        })?;
        let failed = |cause| ServeError::Port { port, cause };
        let port = listener.local_addr().map_err(failed)?.port();
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Server { listener, port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where a browser finds it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Answers until it is to stop.
    ///
    /// # Errors
    /// If the system takes the port away.
    pub fn run(self, routes: Router, stop: impl Fn() -> bool) -> Result<(), ServeError> {
        let port = self.port;
        let failed = |cause| ServeError::Port { port, cause };
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let guarded = routes
            .layer(middleware::from_fn(move |request, next| guard::guarded(port, request, next)));
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let serving = tokio::spawn(async move { axum::serve(listener, guarded).await });
            while !stop() && !serving.is_finished() {
                tokio::time::sleep(LOOK).await;
            }
            if serving.is_finished() { serving.await.map_err(io::Error::other)? } else { Ok(()) }
        });
        // connections that wait for news end with it, and what is being written is written first
        runtime.shutdown_timeout(Duration::from_millis(300));
        served.map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_told_with_what_to_do() {
        let first = Server::bind(0).unwrap();
        let fault = Server::bind(first.port()).unwrap_err();
        assert_eq!(fault.to_string(), format!("port {} is in use", first.port()));
        assert!(fault.hint().contains("--port 0"), "{}", fault.hint());
    }
}
