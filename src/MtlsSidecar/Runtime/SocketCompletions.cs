namespace MtlsSidecar.Runtime;

/// <summary>
/// Has the runtime go on where a socket became ready, on the thread that waits for sockets, in place of queueing that to the pool
/// (docs/decisions/0034). Whatever takes long after a wait for a socket has to leave that thread by itself.
/// </summary>
internal static class SocketCompletions
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Sets it, unless the operator has. Before the first socket: the runtime looks once.</summary>
    public static void Inline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
