namespace MtlsSidecar.Proxy.Connections;

/// <summary>What a change asks to be judged again.</summary>
/// <param name="Concerned">The connections.</param>
/// <param name="Urgent">Others, or some of them, that come first.</param>
internal sealed record ReviewRound(
    Func<ConnectionRegistry, IEnumerable<LiveConnection>> Concerned, Func<ConnectionRegistry, IEnumerable<LiveConnection>> Urgent);
