//! When a command that runs for long is to end.

/// Waits for ctrl-c, or for whoever ends processes in order.
#[cfg(unix)]
pub fn ending() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        futures_lite::future::or(
            async {
                interrupt.recv().await;
            },
            async {
                terminate.recv().await;
            },
        )
        .await;
    })
}

/// Waits for ctrl-c.
#[cfg(not(unix))]
pub fn ending() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
