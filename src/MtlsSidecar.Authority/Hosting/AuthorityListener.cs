namespace MtlsSidecar.Authority.Hosting;

/// <summary>The mark of a connection: by which listener it was accepted.</summary>
internal sealed record AuthorityListener(ListenerRole Role);
