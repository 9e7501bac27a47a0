using System.Globalization;
using MtlsSidecar.Benchmarks.Handshakes;
using MtlsSidecar.Benchmarks.Memory;
using MtlsSidecar.Benchmarks.Micro;
using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.Benchmarks.Revocation;
using MtlsSidecar.Benchmarks.Tunnels;

return args switch
{
    ["pairs"] => await PairsCommand.RunAsync(TimeSpan.FromSeconds(6)),
    ["pairs", "--seconds", var seconds] => await PairsCommand.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture))),
    ["handshakes"] => await HandshakesCommand.RunAsync(TimeSpan.FromSeconds(6)),
    ["handshakes", "--seconds", var seconds] => await HandshakesCommand.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture))),
    ["tunnels"] => await TunnelsCommand.RunAsync(TimeSpan.FromSeconds(4), rounds: 3),
    ["tunnels", "--seconds", var seconds] => await TunnelsCommand.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), rounds: 3),
    ["tunnels", "--seconds", var seconds, "--rounds", var rounds] => await TunnelsCommand.RunAsync(
        TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), int.Parse(rounds, CultureInfo.InvariantCulture)),
    ["micro"] => MicroCommand.Run("*"),
    ["micro", "--filter", var filter] => MicroCommand.Run(filter),
    ["memory"] => await MemoryCommand.RunAsync(1_000_000),
    ["memory", "--entries", var entries] => await MemoryCommand.RunAsync(int.Parse(entries, CultureInfo.InvariantCulture)),
    ["revocation"] => await RevocationCommand.RunAsync(runs: 5, entries: 10_000, peers: 1_000),
    ["revocation", "--runs", var runs, "--entries", var entries, "--peers", var peers] => await RevocationCommand.RunAsync(
        int.Parse(runs, CultureInfo.InvariantCulture), int.Parse(entries, CultureInfo.InvariantCulture), int.Parse(peers, CultureInfo.InvariantCulture)),
    [BareProxy.Command, var side, var port, var destination, var certificate, var key] => await BareProxy.RunAsync(side, port, destination, certificate, key),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "pairs [--seconds 6] | handshakes [--seconds 6] | tunnels [--seconds 4 [--rounds 3]] | micro [--filter *Crl*] | memory [--entries 1000000] | "
        + "revocation [--runs 5 --entries 10000 --peers 1000]");
    return 2;
}
