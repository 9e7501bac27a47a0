using System.Reflection;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>The store as a process sees it that dies at one call: what came before is done, that call and what follows never are.</summary>
public class DyingStore : DispatchProxy
{
    private IAuthorityStore _store = null!;
    private string _deadlyCall = "";

    /// <summary>Lets calls through until the deadly one.</summary>
    internal static IAuthorityStore Create(IAuthorityStore store, string deadlyCall)
    {
        var proxy = Create<IAuthorityStore, DyingStore>();
        ((DyingStore)proxy)._store = store;
        ((DyingStore)proxy)._deadlyCall = deadlyCall;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        => targetMethod!.Name == _deadlyCall ? throw new DeathException() : targetMethod.Invoke(_store, args);

    /// <summary>The end of the process.</summary>
    public sealed class DeathException : Exception;
}
